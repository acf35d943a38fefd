import { Link } from '@tanstack/react-router'
import { counted, formatCount } from '../../lib/figure.ts'
import { tokenize } from '../../lib/json-text.ts'
import { countMarks, eventName } from '../../lib/redaction.ts'
import type { RulesPreview } from '../../api/types.ts'
import { Field } from '../../ui/field.tsx'
import { Icon } from '../../ui/icon.tsx'
import { Bone, messageOf } from '../../ui/states.tsx'
import { PayloadText } from '../payload/payload-text.tsx'
import type { Preview } from './use-preview.ts'

export const EXAMPLE = `{
  "customer": {"name": "Ada", "email": "ada@example.com", "address": {"street": "12 Main Street"}},
  "password": "hunter2",
  "card": "4111 1111 1111 1111",
  "amount": 49.90
}`
const LONGEST_SAMPLE = 60_000
const MOST_EVENTS = 12

/** What the rules beside it would do, before they hold. Nothing of it is stored. */
export function TryOut(props: { sample: string; onSample: (sample: string) => void; preview: Preview; hasRules: boolean; isTooMuch: boolean }) {
  const { sample } = props
  const isJson = sample.trim() === '' || tokenize(sample) !== null
  return (
    <section className="panel account-form try-out" aria-labelledby="try-out">
      <h2 id="try-out">Try it out</h2>
      <Field label="A value, as JSON" hint="Nothing of it is stored.">
        {(field) => <textarea {...field} rows={7} spellCheck={false} maxLength={LONGEST_SAMPLE} value={sample} onChange={(event) => props.onSample(event.target.value)} />}
      </Field>
      {!isJson && <p className="sub">This is not JSON. A value that cannot be read is hidden whole where rules name keys or paths.</p>}
      {props.isTooMuch ? <p className="sub">Shorten the rules first.</p> : <Outcome {...props} />}
    </section>
  )
}

function Outcome({ preview, hasRules, sample }: { preview: Preview; hasRules: boolean; sample: string }) {
  if (preview.error) {
    return (
      <div className="notice bad" role="alert">
        <Icon name="alert" />
        <span className="grow">{messageOf(preview.error)}</span>
        <button type="button" className="plain notice-action" onClick={preview.retry}>Try again</button>
      </div>
    )
  }
  const { data } = preview
  if (!data) return <div aria-hidden="true"><Bone width="100%" height={120} /></div>
  const stored = sample.trim() === '' ? null : data.sample
  return (
    <div className="outcome" aria-busy={preview.isLoading}>
      {stored !== null && (
        <>
          <p role="status">{said(stored, hasRules)}</p>
          <PayloadText text={stored} isWhole label="What would be stored" />
        </>
      )}
      <h2>With the newest run</h2>
      <LastRun preview={data} hasRules={hasRules} />
    </div>
  )
}

function said(stored: string, hasRules: boolean): string {
  const marks = countMarks(stored)
  if (marks > 0) return `${counted(marks, 'place')} of it would be hidden. This would be stored:`
  return hasRules ? 'Nothing of it would be hidden. This would be stored:' : 'Without rules it is stored as it is:'
}

function LastRun({ preview, hasRules }: { preview: RulesPreview; hasRules: boolean }) {
  const { executionId, events, unreadable } = preview
  if (executionId === null) return <p className="sub">No run has been copied yet.</p>
  const run = <Link to="/executions/$executionId/raw" params={{ executionId }}>The newest run</Link>
  const total = events.reduce((sum, { count }) => sum + count, 0)
  const rest = events.length - MOST_EVENTS
  return (
    <>
      {events.length === 0 ? (
        <p>{run} {hasRules ? 'holds nothing more that these rules would hide.' : 'is stored as it is.'}</p>
      ) : (
        <>
          <p>{run} holds {counted(total, 'place')} in {counted(events.length, 'event')} that would be hidden:</p>
          <ul className="last-run" aria-label="Events with something to hide">
            {events.slice(0, MOST_EVENTS).map(({ eventId, type, count }) => (
              <li key={eventId}><span className="sub">{eventId}</span> <code>{eventName(type)}</code> <span className="sub">{counted(count, 'place')}</span></li>
            ))}
            {rest > 0 && <li className="sub">and {counted(rest, 'more event', 'more events')}</li>}
          </ul>
        </>
      )}
      {unreadable > 0 && <p className="sub">{formatCount(unreadable)} {unreadable === 1 ? 'value of it is' : 'values of it are'} encrypted: rules see nothing in {unreadable === 1 ? 'it' : 'them'}.</p>}
      <p className="sub">Only its first 500 events are looked at.</p>
    </>
  )
}
