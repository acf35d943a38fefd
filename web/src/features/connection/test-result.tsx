import type { ConnectionTest } from '../../api/types.ts'
import { formatDuration } from '../../lib/duration.ts'
import { counted } from '../../lib/figure.ts'
import type { IconName, Tone } from '../../lib/status.ts'
import { Icon } from '../../ui/icon.tsx'
import { Foreign } from '../../ui/text.tsx'

type Tried = ConnectionTest['calls'][number]

const OUTCOMES: Record<Tried['outcome'], { icon: IconName; tone: Tone; label: string }> = {
  ok: { icon: 'check', tone: 'ok', label: 'works' },
  refused: { icon: 'stop', tone: 'bad', label: 'refused' },
  not_offered: { icon: 'dash', tone: 'mute', label: 'not offered' },
  failed: { icon: 'cross', tone: 'bad', label: 'failed' },
  not_tried: { icon: 'dots', tone: 'mute', label: 'not tried' },
}

/** Every call that Watchglass makes, and what came of trying it. */
export function TestResult({ test }: { test: ConnectionTest }) {
  const facts = [
    test.serverVersion && `Temporal ${test.serverVersion}`,
    test.roundTripMs !== null && `answers in ${formatDuration(test.roundTripMs)}`,
    test.retentionSeconds !== null && `keeps runs for ${formatDuration(test.retentionSeconds * 1000)}`,
    test.runCount !== null && `${counted(test.runCount, 'run')} in scope`,
  ].filter((fact): fact is string => Boolean(fact))
  return (
    <section className="test-result" aria-label="What came of the test">
      <div className={`notice ${test.isGood ? 'info' : 'bad'}`} role="status">
        <Icon name={test.isGood ? 'check' : 'alert'} />
        <span>
          {test.isGood ? 'Everything that is needed works.' : <Foreign text={test.problem ?? 'The test did not end well.'} />}
          {facts.length > 0 && <span className="sub block"><Foreign text={facts.join(' · ')} /></span>}
        </span>
      </div>
      {test.calls.some((tried) => tried.outcome === 'ok' || tried.outcome === 'refused') && (
        <ul className="tried-calls">
          {test.calls.map((tried) => <TriedCall key={tried.call} tried={tried} isTold={tried.message === test.problem} />)}
        </ul>
      )}
    </section>
  )
}

function TriedCall({ tried, isTold }: { tried: Tried; isTold: boolean }) {
  const { icon, tone, label } = OUTCOMES[tried.outcome]
  return (
    <li>
      <span className={`pill ${tone}`}><Icon name={icon} /> {label}</span>
      <div>
        <code>{tried.call}</code> <span className="sub">for {tried.purpose}{tried.isNeeded ? '' : ' (can be done without)'}</span>
        {tried.message && !isTold && <p className="sub"><Foreign text={tried.message} /></p>}
      </div>
    </li>
  )
}
