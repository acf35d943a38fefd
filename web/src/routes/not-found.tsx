import { Link } from '@tanstack/react-router'
import { Shell } from '../features/shell.tsx'
import { Empty } from '../ui/states.tsx'

export function NotFound() {
  return (
    <Shell title="Not found" crumbs={[{ label: 'All projects', to: '/' }]}>
      <h1 className="unseen">Not found</h1>
      <Empty title="There is no page at this address">
        <p>
          Check the address, or start from <Link to="/">all projects</Link>.
        </p>
      </Empty>
    </Shell>
  )
}
