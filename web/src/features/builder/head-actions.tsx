import { useMutation } from '@tanstack/react-query'
import { Popover } from '@mantine/core'
import { lazy, Suspense, useState } from 'react'
import { createPortal } from 'react-dom'
import { client } from '../../api/client.ts'
import { Icon } from '../../ui/icon.tsx'
import { messageOf } from '../../ui/states.tsx'
import { saveFile } from '../save-file.ts'
import { ImportDialog } from './files.tsx'
import { DraftPill, SavingNote } from './saving-note.tsx'
import { SaveVersionDialog } from './save-version.tsx'
import type { Editing } from './use-draft.ts'

const VersionsDrawer = lazy(() => import('./versions.tsx').then((module) => ({ default: module.VersionsDrawer })))
const RunDialog = lazy(() => import('./run-dialog.tsx').then((module) => ({ default: module.RunDialog })))

type Open = 'version' | 'versions' | 'run' | 'import' | null

/** The head of the page, right of the workflow's name. It stands in the frame's own place for actions. */
export function HeadActions(props: { workflowId: string; projectId: string; editing: Editing; canEdit: boolean; looking: number | null; onLook: (version: number | null) => void; onOpen: (workflowId: string) => void }) {
  const { editing, canEdit, workflowId } = props
  const [open, setOpen] = useState<Open>(null)
  const [isMore, setIsMore] = useState(false)
  const close = (): void => setOpen(null)
  const take = useMutation({
    mutationFn: async () => {
      await editing.flush()
      return client.workflow.exportFile.query({ workflowId })
    },
    onSuccess: (file) => saveFile({ ...file, type: 'text/yaml' }),
  })
  const importHere = async (): Promise<{ workflowId: string; revision: number }> => {
    const revision = await editing.flush()
    if (revision === null) throw new Error('The draft itself could not be saved; see above the drawing why.')
    return { workflowId, revision }
  }
  const place = document.getElementById('title-actions')
  const state = document.getElementById('title-state')
  const actions = (
    <>
      <SavingNote editing={editing} />
      {canEdit && props.looking === null && (
        <>
          <button type="button" className="button square-button" aria-label="Undo" title="Undo (Ctrl Z)" disabled={!editing.canUndo} onClick={editing.undo}><Icon name="undo" /></button>
          <button type="button" className="button square-button" aria-label="Redo" title="Redo (Ctrl Shift Z)" disabled={!editing.canRedo} onClick={editing.redo}><Icon name="redo" /></button>
        </>
      )}
      <button type="button" className="button" onClick={() => setOpen('versions')}>Versions</button>
      {canEdit && <button type="button" className="button" onClick={() => setOpen('version')}>Save version</button>}
      <Popover position="bottom-end" shadow="md" withinPortal={false} opened={isMore} onChange={setIsMore}>
        <Popover.Target><button type="button" className="button square-button" aria-label="More" onClick={() => setIsMore(!isMore)}><Icon name="dots" /></button></Popover.Target>
        <Popover.Dropdown p={6}>
          <button type="button" className="menu-choice" onClick={() => { setIsMore(false); take.mutate() }}>Export as a file</button>
          {canEdit && <button type="button" className="menu-choice" onClick={() => { setIsMore(false); setOpen('import') }}>Import a file into the draft …</button>}
        </Popover.Dropdown>
      </Popover>
      {canEdit && <button type="button" className="button primary" onClick={() => setOpen('run')}><Icon name="play" /> Run…</button>}
    </>
  )
  return (
    <>
      {state && createPortal(<DraftPill editing={editing} />, state)}
      {place && createPortal(actions, place)}
      {take.error && <div className="notice bad" role="alert"><Icon name="alert" /><span>{messageOf(take.error)}</span></div>}
      <Suspense>
        {open === 'versions' && <VersionsDrawer workflowId={workflowId} editing={editing} canEdit={canEdit} looking={props.looking} onLook={props.onLook} onClose={close} />}
        {open === 'run' && <RunDialog workflowId={workflowId} editing={editing} onClose={close} />}
      </Suspense>
      {open === 'version' && <SaveVersionDialog workflowId={workflowId} editing={editing} onClose={close} onSaved={close} />}
      {open === 'import' && (
        <ImportDialog
          projectId={props.projectId} title="Import into the draft" about="What is drawn now is replaced; undo brings it back. Versions are not touched." before={importHere} onClose={close}
          onImported={() => { void editing.reload(); close() }}
        />
      )}
    </>
  )
}
