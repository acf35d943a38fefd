import { Popover } from '@mantine/core'
import { Icon } from '../../ui/icon.tsx'
import { useDefinitions } from './use-statistics.ts'

/** How a figure is computed, as the server itself defines it; `note` says what is special here. */
export function How({ name, of = 'runs', note, label }: { name: string; of?: 'runs' | 'components'; note?: string | undefined; label?: string }) {
  const found = useDefinitions().data?.items.find((one) => one.name === name && one.of === of)
  const title = label ?? found?.label ?? name
  return (
    <Popover width={320} withArrow shadow="sm" withinPortal>
      <Popover.Target>
        <button type="button" className="bare how above" aria-label={`How “${title}” is computed`}><Icon name="info" /></button>
      </Popover.Target>
      <Popover.Dropdown>
        <div className="how-text">
          <b>{title}</b>
          <p>{found?.formula ?? 'The definition could not be loaded.'}</p>
          {found?.excludes && <p className="sub">Left out: {found.excludes}</p>}
          {note && <p className="sub">{note}</p>}
          {found && <details><summary className="sub">As SQL</summary><pre className="how-sql" tabIndex={0}>{found.sql}</pre></details>}
        </div>
      </Popover.Dropdown>
    </Popover>
  )
}
