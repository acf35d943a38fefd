import type { UseQueryResult } from '@tanstack/react-query'
import type { ReactNode } from 'react'
import { Bone } from '../../ui/states.tsx'
import { PartFault } from './faults.tsx'

/** One panel of the page with its own question: grey while it is asked, a sentence when it fails, dimmed while it is asked anew. */
export function Part<Data>({ title, query, height, children }: { title: string; query: UseQueryResult<Data, unknown>; height: number; children: (data: Data) => ReactNode }) {
  if (query.data === undefined) {
    if (query.error) return <PartFault title={title} error={query.error} retry={() => void query.refetch()} />
    return <div className="panel part-bones" aria-hidden="true"><Bone width={110} /><Bone width="100%" height={height} /></div>
  }
  return <div className={`part ${query.isPlaceholderData ? 'old' : ''}`} aria-busy={query.isPlaceholderData}>{children(query.data)}</div>
}
