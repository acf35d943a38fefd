import { counted } from './figure.ts'

export type Erased = { runs: number; mentions: number }

/** What came of erasing, for the page that somebody lands on. */
export function erasedSentence({ runs, mentions }: Erased): string {
  const named = mentions === 0 ? '' : ` ${counted(mentions, 'run')} of other workflow ids ${mentions === 1 ? 'names' : 'name'} what was erased and ${mentions === 1 ? 'is' : 'are'} still here.`
  return `${counted(runs, 'run')} ${runs === 1 ? 'was' : 'were'} erased for good. ${runs === 1 ? 'It is' : 'They are'} not copied again, and figures no longer count ${runs === 1 ? 'it' : 'them'}.${named}`
}
