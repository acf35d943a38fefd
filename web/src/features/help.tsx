import { Modal } from '@mantine/core'
import '@mantine/core/styles/CloseButton.css'
import '@mantine/core/styles/ModalBase.css'
import '@mantine/core/styles/Overlay.css'
import '@mantine/core/styles/Paper.css'
import '@mantine/core/styles/UnstyledButton.css'
import '@mantine/core/styles/Modal.css'
import { Fragment } from 'react'

const KEYS: readonly (readonly [string[], string])[] = [
  [['/'], 'find in this list'],
  [['j', 'k'], 'next row, row before'],
  [['enter'], 'open the row'],
  [['esc'], 'close the step'],
  [['g', 'h'], 'workflows; on a workflow, its execution history'],
  [['g', 's'], 'statistics'],
  [['g', 'b'], 'on a built workflow, its builder'],
  [['g', 'p'], 'all projects'],
  [['g', 'a'], 'what needs attention'],
  [['?'], 'this list'],
  [['ctrl', 'z'], 'builder: undo; with shift, redo'],
  [['ctrl', 'd'], 'builder: duplicate what is selected; ctrl c, x and v too'],
  [['ctrl', 'a'], 'builder: select all steps'],
  [['del'], 'builder: remove what is selected; arrow keys move it'],
]

export function Help({ onClose }: { onClose: () => void }) {
  return (
    <Modal opened onClose={onClose} lockScroll={false} title={<b>Keyboard shortcuts</b>} overlayProps={{ backgroundOpacity: 0.4 }} centered closeButtonProps={{ 'aria-label': 'Close' }}>
      <dl className="keys">
        {KEYS.map(([keys, what]) => (
          <Fragment key={what}>
            <dt>
              {keys.map((key, at) => (
                <Fragment key={key}>
                  {at > 0 && ' '}
                  <kbd>{key}</kbd>
                </Fragment>
              ))}
            </dt>
            <dd>{what}</dd>
          </Fragment>
        ))}
      </dl>
    </Modal>
  )
}
