import { useState } from 'react'
import type { GraphProblem } from '../../api/types.ts'
import { type Graph, type Node, nodeOf } from '../../canvas/graph.ts'
import { counted } from '../../lib/figure.ts'
import { Icon } from '../../ui/icon.tsx'
import { Foreign } from '../../ui/text.tsx'

/** How many problems there are; opened, what each is and the way to it. */
export function ProblemList({ problems, graph, nameOf, onGo }: { problems: readonly GraphProblem[]; graph: Graph; nameOf: (node: Node) => string; onGo: (problem: GraphProblem) => void }) {
  const [isOpen, setIsOpen] = useState(false)
  const errors = problems.filter((problem) => problem.severity === 'error').length
  if (problems.length === 0) return <span className="pill ok" role="status"><Icon name="check" /> no problems</span>
  const label = [errors > 0 && counted(errors, 'problem'), problems.length > errors && counted(problems.length - errors, 'warning')].filter(Boolean).join(', ')
  return (
    <div className="problems">
      {isOpen && (
        <ul className="panel problem-list" aria-label="Problems">
          {[...problems].sort((one, other) => Number(other.severity === 'error') - Number(one.severity === 'error')).map((problem, at) => {
            const node = nodeOf(graph, problem.node ?? undefined)
            return (
              <li key={at}>
                <button type="button" onClick={() => onGo(problem)}>
                  <span className={`field-problem ${problem.severity}`}><Icon name="alert" /></span>
                  <span>
                    <b><Foreign text={node ? nameOf(node) : 'The workflow'} longest={50} /></b>
                    <span className="problem-text"><Foreign text={problem.message} /></span>
                  </span>
                </button>
              </li>
            )
          })}
        </ul>
      )}
      <button type="button" className={`pill ${errors > 0 ? 'bad' : 'warn'}`} aria-expanded={isOpen} onClick={() => setIsOpen(!isOpen)}>
        <Icon name="alert" /> {label}
      </button>
    </div>
  )
}
