import { Popover } from '@mantine/core'
import { formatCount } from '../../lib/figure.ts'
import { Icon } from '../../ui/icon.tsx'

export type Choice = { value: string; label: string; count: number }

/** A filter with several choices; none chosen means all. */
export function ChoiceMenu(props: { label: string; choices: Choice[]; chosen: readonly string[]; onOpen: () => void; onChange: (chosen: string[]) => void }) {
  const { chosen } = props
  const toggle = (value: string): void =>
    props.onChange(chosen.includes(value) ? chosen.filter((one) => one !== value) : [...chosen, value])
  return (
    <Popover onOpen={props.onOpen} position="bottom-start" shadow="md" withinPortal>
      <Popover.Target>
        <button type="button" className={`button ${chosen.length > 0 ? 'on' : ''}`}>
          {props.label}
          {chosen.length > 0 && ` · ${chosen.length}`} <Icon name="down" />
        </button>
      </Popover.Target>
      <Popover.Dropdown>
        <div role="group" aria-label={props.label}>
          {props.choices.map((choice) => (
            <label key={choice.value} className="choice check">
              <input type="checkbox" checked={chosen.includes(choice.value)} onChange={() => toggle(choice.value)} />
              {choice.label}
              <span className="grow" />
              <span className="sub">{formatCount(choice.count)}</span>
            </label>
          ))}
          {chosen.length > 0 && <button type="button" className="plain choice" onClick={() => props.onChange([])}>Show all</button>}
        </div>
      </Popover.Dropdown>
    </Popover>
  )
}
