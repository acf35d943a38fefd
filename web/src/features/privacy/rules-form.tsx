import { useDebouncedValue } from '@mantine/hooks'
import { useMutation } from '@tanstack/react-query'
import { type FormEvent, useId, useState } from 'react'
import { api, isConflict, queryClient } from '../../api/client.ts'
import type { RedactionRules } from '../../api/types.ts'
import { areSame, countRules, type Draft, draftOf, lineOf, PATTERNS, type PatternName, type RefusedLine, refusedLines, rulesOf, rulesWithout, type WrittenKind } from '../../lib/redaction.ts'
import { Icon } from '../../ui/icon.tsx'
import { messageOf } from '../../ui/states.tsx'
import { Foreign } from '../../ui/text.tsx'
import { EXAMPLE, TryOut } from './try-out.tsx'
import { usePreview } from './use-preview.ts'
import '../../styles/form.css'
import '../../styles/list.css'

const KINDS: { kind: WrittenKind; label: string; about: string; placeholder: string }[] = [
  { kind: 'keys', label: 'Keys', about: 'The value of every member, memo field, search attribute and header of that name, at any depth. Case, “-”, “_” and spaces do not count; * stands for anything.', placeholder: 'password\n*token*' },
  { kind: 'paths', label: 'Paths', about: 'One place from the top of each value. * is any member or item.', placeholder: 'customer.address.street\nitems.*.note' },
  { kind: 'expressions', label: 'Expressions', about: 'What a regular expression (RE2) finds in any text or number.', placeholder: 'ACME-[0-9]+' },
]

/** The rules as their owners change them, with what they would hide beside them. */
export function RulesForm({ projectId, saved, revision }: { projectId: string; saved: RedactionRules; revision: number }) {
  const [changed, setChanged] = useState<{ draft: Draft; revision: number } | null>(null)
  const [sample, setSample] = useState(EXAMPLE)
  const shown = changed?.draft ?? draftOf(saved)
  const rules = rulesOf(shown)
  const isChanged = changed !== null && !areSame(rules, saved)
  const isOvertaken = isChanged && changed.revision !== revision
  const isTooMuch = KINDS.some(({ kind }) => refusedLines(shown, kind).length > 0)
  const [asked] = useDebouncedValue({ draft: shown, rules, sample }, 400)
  const preview = usePreview(projectId, asked.rules, asked.sample, !isTooMuch)
  const refusedOf = (kind: WrittenKind): RefusedLine[] => [
    ...refusedLines(shown, kind),
    // What the server said of a text that has changed since would stand at the wrong line.
    ...(asked.draft[kind] === shown[kind] && preview.isOf(asked.rules)
      ? (preview.data?.refused ?? []).filter((one) => one.kind === kind).map(({ at, message }) => ({ line: lineOf(shown, kind, at), message }))
      : []),
  ]
  const isRefused = KINDS.some(({ kind }) => refusedOf(kind).length > 0)
  const save = useMutation(api.privacy.saveRules.mutationOptions({
    onSuccess: async (after) => {
      queryClient.setQueryData(api.privacy.getRules.queryKey({ projectId }), after)
      setChanged(null)
      await queryClient.invalidateQueries(api.privacy.getRules.queryFilter())
    },
    onError: async (error) => {
      if (isConflict(error)) await queryClient.invalidateQueries(api.privacy.getRules.queryFilter())
    },
  }))
  const change = (next: Partial<Draft>): void => {
    save.reset()
    // What was loaded first is what is changed, also when others save meanwhile.
    setChanged({ draft: { ...shown, ...next }, revision: isChanged ? changed.revision : revision })
  }
  const submit = (event: FormEvent): void => {
    event.preventDefault()
    save.mutate({ projectId, revision: changed?.revision ?? revision, rules })
  }
  const choose = (name: PatternName, isOn: boolean): void => change({ patterns: isOn ? [...shown.patterns, name] : shown.patterns.filter((one) => one !== name) })
  return (
    <div className="privacy-columns">
      <form className="panel account-form" aria-label="Rules" onSubmit={submit}>
        <p className="privacy-about">
          {countRules(saved) === 0 && !isChanged ? 'Nothing is hidden yet: values are stored as Temporal sends them. ' : ''}
          What these rules find is hidden before anything is stored, in the histories too, and replaced by a mark such as <mark className="redacted">[redacted:1f2e3d4c]</mark>.
          The same value has the same mark in this project.
        </p>
        {KINDS.slice(0, 2).map((one) => <Lines key={one.kind} {...one} value={shown[one.kind]} refused={refusedOf(one.kind)} onChange={(text) => change({ [one.kind]: text })} />)}
        <fieldset className="patterns">
          <legend>Kinds of values</legend>
          {PATTERNS.map(({ name, label, about }) => <Kind key={name} label={label} about={about} isOn={shown.patterns.includes(name)} onChange={(isOn) => choose(name, isOn)} />)}
        </fieldset>
        {KINDS.slice(2).map((one) => <Lines key={one.kind} {...one} value={shown[one.kind]} refused={refusedOf(one.kind)} onChange={(text) => change({ [one.kind]: text })} />)}
        {isOvertaken && <Overtaken theirs={saved} mine={rules} onTheirs={() => setChanged(null)} onMine={() => { save.reset(); setChanged({ ...changed, revision }) }} />}
        {save.error && !isOvertaken && <div className="notice bad" role="alert"><Icon name="alert" /><span>{messageOf(save.error)}</span></div>}
        {save.data && !isChanged && <Saved rules={save.data.rules} />}
        <p className="sub">Rules hold for what is copied after they are saved. What they hide is stored nowhere here, and nothing brings it back; Temporal keeps its own copy.</p>
        <div className="row">
          <button type="submit" className="button primary" disabled={!isChanged || isOvertaken || isRefused || isTooMuch || save.isPending}>{save.isPending ? 'Saving…' : 'Save the rules'}</button>
          {isChanged && !isOvertaken && <button type="button" className="button" disabled={save.isPending} onClick={() => setChanged(null)}>Discard the changes</button>}
        </div>
      </form>
      <TryOut sample={sample} onSample={setSample} preview={preview} hasRules={countRules(rules) > 0} isTooMuch={isTooMuch} />
    </div>
  )
}

/** Another owner was first: what theirs hide and these do not, and the other way round. */
function Overtaken({ theirs, mine, onTheirs, onMine }: { theirs: RedactionRules; mine: RedactionRules; onTheirs: () => void; onMine: () => void }) {
  return (
    <div className="notice bad" role="alert">
      <Icon name="alert" />
      <div className="overtaken">
        <p><b>Somebody else changed the rules meanwhile. Yours are not saved.</b></p>
        <Names label="Only in theirs:" names={rulesWithout(theirs, mine)} />
        <Names label="Only in yours:" names={rulesWithout(mine, theirs)} />
        <div className="row">
          <button type="button" className="button" onClick={onTheirs}>Take theirs</button>
          <button type="button" className="button" onClick={onMine}>Keep mine, to save them</button>
        </div>
      </div>
    </div>
  )
}

function Names({ label, names }: { label: string; names: string[] }) {
  if (names.length === 0) return null
  return <p>{label} {names.map((name, at) => <span key={name}>{at > 0 && ', '}<code><Foreign text={name} longest={80} /></code></span>)}</p>
}

/** What was just done, in a sentence. */
function Saved({ rules }: { rules: RedactionRules }) {
  return (
    <div className="notice info" role="status">
      <Icon name="check" />
      <span>
        {countRules(rules) > 0
          ? 'Saved. Whatever is copied from now on is stored without what these rules hide; every process follows within two seconds.'
          : 'Saved. Nothing is hidden in new values any more. What was hidden before stays hidden.'}
      </span>
    </div>
  )
}

function Kind({ label, about, isOn, onChange }: { label: string; about: string; isOn: boolean; onChange: (isOn: boolean) => void }) {
  const id = useId()
  return (
    <div className="pattern">
      <input id={id} type="checkbox" checked={isOn} aria-describedby={`${id}-about`} onChange={(event) => onChange(event.target.checked)} />
      <label htmlFor={id}>{label}</label>
      <span className="sub" id={`${id}-about`}>{about}</span>
    </div>
  )
}

/** Rules of one kind, one a line, with what is wrong with a line below. */
function Lines(props: { label: string; about: string; placeholder: string; value: string; refused: RefusedLine[]; onChange: (text: string) => void }) {
  const id = useId()
  const { refused } = props
  return (
    <div className="form-field">
      <label htmlFor={id}>{props.label}, one a line</label>
      <textarea
        id={id} rows={Math.min(Math.max(props.value.split('\n').length + 1, 3), 12)} spellCheck={false} autoComplete="off" autoCapitalize="off"
        placeholder={props.placeholder} value={props.value} aria-invalid={refused.length > 0} aria-describedby={`${id}-about ${id}-refused`}
        onChange={(event) => props.onChange(event.target.value)}
      />
      <span className="sub" id={`${id}-about`}>{props.about}</span>
      <ul className="refused" id={`${id}-refused`} aria-live="polite">
        {refused.map(({ line, message }) => <li key={`${line} ${message}`} className="bad-text"><b>Line {line}:</b> <Foreign text={message} longest={700} /></li>)}
      </ul>
    </div>
  )
}
