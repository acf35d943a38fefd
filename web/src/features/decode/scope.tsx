import { type UseQueryResult, useQuery } from '@tanstack/react-query'
import { createContext, type ReactNode, useContext, useMemo, useState } from 'react'
import { client } from '../../api/client.ts'
import type { Component, ComponentDetails, DecodedExecution, Execution } from '../../api/types.ts'
import { encodedOfRun, encodedOfStep } from '../../lib/encoded.ts'
import { agree, type Consent, useConsent, withdraw } from './consent.ts'
import { ConsentDialog } from './consent-dialog.tsx'

/** Where encoded values of this part of the page can be decoded, and how far that is. */
export type DecodeScope = {
  /** Whose rules say what is hidden before it is stored; null where no run is shown. */
  projectId: string | null
  /** The connection's codec server; null when it has none. */
  address: string | null
  consent: Consent | null
  isLoading: boolean
  error: unknown
  /** The codec server has answered: what is still encoded it could not read. */
  isDone: boolean
  ask: () => void
  retry: () => void
  stop: () => void
}

const nothing = (): void => undefined
const Scope = createContext<DecodeScope>({ projectId: null, address: null, consent: null, isLoading: false, error: null, isDone: false, ask: nothing, retry: nothing, stop: nothing })

export function useDecodeScope(): DecodeScope {
  return useContext(Scope)
}

/** A run's page: its own values are decoded as soon as somebody agrees, and what stands below may be. */
export function DecodedRun({ run, children }: { run: Execution | null; children: (run: Execution | null) => ReactNode }) {
  const address = run?.codecAddress ?? null
  const connectionId = run?.connectionId ?? ''
  const consent = useConsent(connectionId, address)
  const [isAsking, setAsking] = useState(false)
  const found = run ? encodedOfRun(run) : []
  const query = useQuery({
    queryKey: ['decoded-run', run?.id, consent?.turn, run?.status, ...found],
    queryFn: ({ signal }) => client.execution.decodeExecution.mutate({ executionId: run?.id ?? '', ...whereTo(consent) }, { signal }),
    enabled: consent !== null && found.length > 0,
    ...ONCE,
  })
  const shown = useMemo(() => (run && consent && query.data && found.length > 0 ? withDecoded(run, query.data) : run && withoutStandIn(run)), [run, consent, query.data, found.length])
  const scope: DecodeScope = {
    projectId: run?.projectId ?? null,
    ...stateOf(query, address, consent, found.length > 0),
    ask: () => setAsking(true),
    stop: () => withdraw(connectionId),
  }
  return (
    <Scope value={scope}>
      {children(shown)}
      {isAsking && address && (
        <ConsentDialog
          address={address}
          onClose={() => setAsking(false)}
          onAgree={(token) => {
            agree(connectionId, address, token)
            setAsking(false)
          }}
        />
      )}
    </Scope>
  )
}

type DecodedStepProps = {
  executionId: string
  step: Component
  details: ComponentDetails | null
  /** Large values wait until somebody wants them. */
  isWanted: boolean
  children: (details: ComponentDetails | null) => ReactNode
}

/** One step, with all its values decoded in one go once somebody has agreed. */
export function DecodedStep({ executionId, step, details, isWanted, children }: DecodedStepProps) {
  const outer = useDecodeScope()
  const { consent } = outer
  const found = encodedOfStep(step, details)
  const query = useQuery({
    queryKey: ['decoded-step', step.id, consent?.turn, step.status, step.attempt, ...found],
    queryFn: ({ signal }) => client.execution.decodeComponentExecution.mutate({ executionId, eventId: step.eventId, ...whereTo(consent) }, { signal }),
    enabled: consent !== null && found.length > 0 && isWanted,
    ...ONCE,
  })
  const decoded = consent && found.length > 0 && query.data?.id === step.id ? query.data : null
  return <Scope value={{ ...outer, ...stateOf(query, outer.address, consent, found.length > 0) }}>{children(decoded ?? details)}</Scope>
}

/** A codec server is asked once for the same thing, and again only when a person says so. */
const ONCE = { staleTime: Number.POSITIVE_INFINITY, gcTime: 300_000, retry: false, placeholderData: undefined, refetchOnWindowFocus: false, refetchOnReconnect: false } as const

function whereTo(consent: Consent | null): { codecAddress: string; codecToken?: string } {
  return { codecAddress: consent?.address ?? '', ...(consent?.token && { codecToken: consent.token }) }
}

function stateOf(query: UseQueryResult<unknown>, address: string | null, consent: Consent | null, isNeeded: boolean) {
  const isActive = consent !== null && isNeeded
  return {
    address,
    consent,
    isLoading: isActive && query.isFetching,
    error: isActive && !query.isFetching ? query.error : null,
    isDone: isActive && query.isSuccess,
    retry: () => void query.refetch(),
  }
}

function withDecoded(run: Execution, decoded: DecodedExecution): Execution {
  const { input, result, failure, memo, errorMessage, errorType } = decoded
  return withoutStandIn({ ...run, input, result, failure, memo, errorMessage, errorType })
}

/** `Encoded failure`, which SDKs write in place of an encrypted message, says nothing to anybody. */
function withoutStandIn(run: Execution): Execution {
  return isSurfaceEncoded(run) ? { ...run, errorMessage: 'its message is encrypted' } : run
}

function isSurfaceEncoded(run: Execution): boolean {
  for (let one = run.failure; one; one = one.cause) if (one.type === run.errorType && one.message === run.errorMessage) return one.encoded
  return false
}
