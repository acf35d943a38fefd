import type { RetryChoice, Timeouts } from '../../../api/types.ts'
export function Explained(_props: { retry: RetryChoice | null; timeouts: Timeouts }) {
  return null
}
