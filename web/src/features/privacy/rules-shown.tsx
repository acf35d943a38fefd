import type { RedactionRules } from '../../api/types.ts'
import { countRules, PATTERNS } from '../../lib/redaction.ts'
import { Empty } from '../../ui/states.tsx'
import { Id } from '../../ui/text.tsx'

/** The rules for who may not change them. */
export function RulesShown({ rules }: { rules: RedactionRules }) {
  if (countRules(rules) === 0) return <Empty title="Nothing is hidden"><p>Values are stored as Temporal sends them. Owners of this project can have some of them hidden before they are stored.</p></Empty>
  const patterns = PATTERNS.filter(({ name }) => rules.patterns.includes(name))
  return (
    <section className="panel account-form" aria-label="Rules">
      <p className="sub">Hidden in values before they are stored. Owners of this project change it.</p>
      <Texts title="Keys" about="the value of every member, memo field, search attribute and header of that name" texts={rules.keys} />
      <Texts title="Paths" about="one place from the top of each value" texts={rules.paths} />
      {patterns.length > 0 && (
        <div className="rules-shown">
          <h2>Kinds of values</h2>
          <ul>{patterns.map(({ name, label, about }) => <li key={name}>{label} <span className="sub">{about}</span></li>)}</ul>
        </div>
      )}
      <Texts title="Expressions" about="what a regular expression finds in any text" texts={rules.expressions} />
    </section>
  )
}

function Texts({ title, about, texts }: { title: string; about: string; texts: readonly string[] }) {
  if (texts.length === 0) return null
  return (
    <div className="rules-shown">
      <h2>{title} <span className="sub">{about}</span></h2>
      <ul>{texts.map((text, at) => <li key={at}><Id text={text} longest={500} /></li>)}</ul>
    </div>
  )
}
