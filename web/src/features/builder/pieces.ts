import type { CatalogueComponent } from '../../api/types.ts'
import type { Piece } from '../../canvas/make.ts'
import type { Name } from '../../ui/icon.tsx'
import { componentIcon } from '../../ui/icon.tsx'

/** What the catalogue lists. `key` travels with a drag. */
export type Listed = { key: string; name: string; about: string; category: string; icon: Name; piece: Piece }

const flow = (kind: Exclude<Piece['kind'], 'activity'>, name: string, icon: Name, about: string): Listed => ({ key: `kind:${kind}`, name, about, category: 'Flow', icon, piece: { kind } })

const FLOW: Listed[] = [
  flow('branch', 'Branch', 'branch', 'Goes one way or another: if, or a switch'),
  flow('parallel', 'Parallel', 'split', 'What follows runs side by side'),
  flow('join', 'Join', 'merge', 'Waits for what ran side by side'),
  flow('for_each', 'For each', 'loop', 'Runs its body once for each item of a list'),
  flow('wait', 'Wait', 'clock', 'For a time, or until a moment'),
  flow('approval', 'Approval', 'person', 'A person decides how it goes on'),
  flow('set', 'Set data', 'braces', 'Makes values for later steps'),
  flow('workflow', 'Child workflow', 'frame', 'Another workflow, built here or elsewhere'),
  flow('end', 'End', 'flag', 'Ends the run with a result or a failure'),
]

export function listed(components: readonly CatalogueComponent[]): Listed[] {
  return [...components.map((component): Listed => ({ key: `component:${component.type}`, name: component.name, about: component.description || component.type, category: component.category, icon: componentIcon(component.icon), piece: { kind: 'activity', component } })), ...FLOW]
}

/** By category, those that hold every word that was typed; what is called so comes before what only mentions it. */
export function found(all: readonly Listed[], typed: string): [category: string, pieces: Listed[]][] {
  const words = typed.toLowerCase().split(/\s+/).filter(Boolean)
  const holds = (text: string): boolean => words.every((word) => text.toLowerCase().includes(word))
  const hits = all.filter((one) => holds(`${one.name} ${one.about} ${one.category} ${one.key}`))
  const groups = new Map<string, Listed[]>()
  for (const one of [...hits.filter((hit) => holds(hit.name)), ...hits.filter((hit) => !holds(hit.name))]) groups.set(one.category, [...(groups.get(one.category) ?? []), one])
  return [...groups]
}
