import { runLook, statusLook, type Look } from '../lib/status.ts'
import type { ComponentStatus, ExecutionSummary } from '../api/types.ts'
import { Icon } from './icon.tsx'

export function LookPill({ look, title }: { look: Look; title?: string }) {
  return (
    <span className={`pill ${look.tone}`} title={title}>
      <Icon name={look.icon} />
      {look.label}
    </span>
  )
}

export function RunPill({ run }: { run: Pick<ExecutionSummary, 'status' | 'phase' | 'problem'> }) {
  return <LookPill look={runLook(run)} title={`Temporal’s word: ${run.status.replaceAll('_', ' ')}`} />
}

export function StepPill({ status }: { status: ComponentStatus }) {
  return <LookPill look={statusLook(status)} />
}
