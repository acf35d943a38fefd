import { Drawer } from '@mantine/core'
import '@mantine/core/styles/Drawer.css'
import type { ReactNode } from 'react'

/** The inspector on a narrow screen: from below, over the list. */
export function Sheet({ onClose, children }: { onClose: () => void; children: ReactNode }) {
  return (
    <Drawer.Root opened onClose={onClose} position="bottom" size="86%">
      <Drawer.Overlay backgroundOpacity={0.4} />
      <Drawer.Content aria-label="Step" radius="lg">
        <div className="sheet">{children}</div>
      </Drawer.Content>
    </Drawer.Root>
  )
}
