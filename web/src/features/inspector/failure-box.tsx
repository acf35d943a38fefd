import type { Failure } from '../../api/types.ts'
import { DecodedMark, DecodeOffer } from '../decode/offer.tsx'
import { PayloadList } from '../payload/payload-list.tsx'
import { Foreign } from '../../ui/text.tsx'

const WRAPPERS = new Set(['activity', 'child_workflow', 'nexus_operation'])
const MOST_CAUSES = 12

/** The error as people need it first (the cause that is no mere wrapper), then the chain and the stacks. */
export function FailureBox({ failure, title }: { failure: Failure; title?: string }) {
  const chain = chainOf(failure)
  const first = chain.find((one) => !WRAPPERS.has(one.kind)) ?? failure
  const causes = chain.slice(chain.indexOf(first) + 1)
  const left = causes.length - MOST_CAUSES + (chain.at(-1)?.omittedCauses ?? 0)
  return (
    <div className="failure">
      {title && <div className="sub">{title}</div>}
      <div className="failure-type"><Foreign text={first.type} /></div>
      <div className="failure-message">{first.encoded ? 'The message and stack are encrypted. Only the workers’ codec can read them.' : <Foreign text={first.message} />}</div>
      {first.encoded && <DecodeOffer what="the error" />}
      {first.decoded && <DecodedMark from="encoded attributes" />}
      {first.nonRetryable && <div className="sub">The error itself said: do not try again.</div>}
      {causes.slice(0, MOST_CAUSES).map((cause, at) => (
        <div key={at} className="cause">caused by <b><Foreign text={cause.type} /></b>{cause.message && <>: {cause.encoded ? 'its message is encrypted' : <Foreign text={cause.message.length > 800 ? `${cause.message.slice(0, 800)}…` : cause.message} />}</>}</div>
      ))}
      {left > 0 && <div className="cause sub">and {left} more causes below</div>}
      {first.details && <div className="failure-details"><PayloadList payloads={first.details} absent="" name="details" /></div>}
      <Stacks chain={[first, ...causes].slice(0, MOST_CAUSES)} />
    </div>
  )
}

function Stacks({ chain }: { chain: Failure[] }) {
  const stacks = chain.filter((one) => one.stackTrace)
  if (stacks.length === 0) return null
  return (
    <details>
      <summary>Show stack</summary>
      {stacks.map((one, at) => (
        <pre key={at} tabIndex={0} role="region" aria-label={`Stack of ${one.type}`}>{stacks.length > 1 && `${one.type}\n`}<Foreign text={one.stackTrace} /></pre>
      ))}
    </details>
  )
}

function chainOf(failure: Failure): Failure[] {
  const chain: Failure[] = []
  for (let one: Failure | null = failure; one; one = one.cause) chain.push(one)
  return chain
}
