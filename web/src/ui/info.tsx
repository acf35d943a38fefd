import { Popover } from '@mantine/core'
import { Icon } from './icon.tsx'

/** The small i: how a figure is computed, over how many, as of when. Opens by click, so that touch and keys reach it. */
export function Info({ about, text }: { about: string; text: string }) {
  return (
    <Popover width={280} withArrow shadow="sm" withinPortal>
      <Popover.Target>
        <button type="button" className="bare how above" aria-label={`How “${about}” is computed`}>
          <Icon name="info" />
        </button>
      </Popover.Target>
      <Popover.Dropdown>{text}</Popover.Dropdown>
    </Popover>
  )
}
