import { useQuery } from '@tanstack/react-query'
import { api } from '../../../api/client.ts'
import type { RetryChoice, Timeouts } from '../../../api/types.ts'
import { Icon } from '../../../ui/icon.tsx'
import { Bone, messageOf } from '../../../ui/states.tsx'
import { AttemptsPicture } from './attempts-picture.tsx'

/** What the policy does, in a picture and a sentence, and whether it may never end. */
export function Explained({ retry, timeouts }: { retry: RetryChoice | null; timeouts: Timeouts }) {
  const answer = useQuery(api.policy.explain.queryOptions({ retry, timeouts }, { staleTime: Number.POSITIVE_INFINITY }))
  if (answer.error) return <p className="bad-text">{messageOf(answer.error)}</p>
  if (!answer.data) return <Bone width="100%" height={88} />
  const { attempts, isCut, sentence, warning } = answer.data
  return (
    <div className="explained">
      <b>What this does</b>
      <AttemptsPicture attempts={attempts} isCut={isCut} />
      <p>{sentence}</p>
      {warning && <p className="may-never"><Icon name="alert" /> {warning}</p>}
    </div>
  )
}
