import { useQuery } from '@tanstack/react-query'
import { client } from '../../api/client.ts'
import type { RedactionRules, RulesPreview } from '../../api/types.ts'
import { areSame } from '../../lib/redaction.ts'

export type Preview = {
  data: RulesPreview | undefined
  error: unknown
  isLoading: boolean
  /** Is what is shown about these rules, and not about what stood there a moment before? */
  isOf: (rules: RedactionRules) => boolean
  retry: () => void
}

type Asked = { rules: RedactionRules; preview: RulesPreview }

/** What rules would hide in a sample and in the newest run; asked again whenever one of them changes. */
export function usePreview(projectId: string, rules: RedactionRules, sample: string, isWanted: boolean): Preview {
  const query = useQuery({
    queryKey: ['privacy-preview', projectId, rules, sample],
    queryFn: async ({ signal }): Promise<Asked> => ({ rules, preview: await client.privacy.preview.mutate({ projectId, rules, ...(sample.trim() !== '' && { sample }) }, { signal }) }),
    enabled: isWanted,
    staleTime: 30_000,
    gcTime: 60_000,
    retry: false,
  })
  const { data } = query
  return {
    data: data?.preview,
    error: query.error,
    isLoading: query.isFetching,
    isOf: (asked) => data !== undefined && areSame(data.rules, asked),
    retry: () => void query.refetch(),
  }
}
