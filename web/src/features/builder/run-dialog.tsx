import type { Editing } from './use-draft.ts'
export function RunDialog(_props: { workflowId: string; editing: Editing; onClose: () => void; onSaveVersion: () => void }) {
  return null
}
