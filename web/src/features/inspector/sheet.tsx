import { Drawer } from '@mantine/core'
import '@mantine/core/styles/ModalBase.css'
import '@mantine/core/styles/Overlay.css'
import '@mantine/core/styles/Paper.css'
import '@mantine/core/styles/Drawer.css'
import type { ReactNode } from 'react'

/**
 * The inspector on a narrow screen: from below, over the list. `lockScroll` would write a style element without a
 * nonce, which the Content-Security-Policy refuses; the sheet keeps its scrolling to itself instead.
 */
export function Sheet({ label = 'Step', onClose, children }: { label?: string; onClose: () => void; children: ReactNode }) {
  return (
    <Drawer.Root opened onClose={onClose} position="bottom" size="86%" lockScroll={false} transitionProps={{ duration: 120 }}>
      <Drawer.Overlay backgroundOpacity={0.4} />
      <Drawer.Content aria-label={label} radius="lg">
        <div className="sheet">{children}</div>
      </Drawer.Content>
    </Drawer.Root>
  )
}
