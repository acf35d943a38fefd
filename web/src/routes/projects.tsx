import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { api } from '../api/client.ts'
import type { Connection, Project } from '../api/types.ts'
import { Shell } from '../features/shell.tsx'
import { connectionLook } from '../lib/connection.ts'
import { Bone, Empty, Problem } from '../ui/states.tsx'
import { LookPill } from '../ui/status-pill.tsx'
import { Foreign, Id } from '../ui/text.tsx'
import './projects.css'

export function ProjectsPage() {
  const projects = useQuery(api.project.list.queryOptions(undefined, { refetchInterval: 10_000 }))
  return (
    <Shell title="All projects" crumbs={[]}>
      <div className="title">
        <h1>All projects</h1>
        <div className="title-actions"><Link to="/new-project" className="button">New project</Link></div>
      </div>
      <Projects projects={projects} />
    </Shell>
  )
}

function Projects({ projects }: { projects: { data: { items: Project[] } | undefined; error: unknown; refetch: () => unknown } }) {
  if (!projects.data && projects.error) return <Problem error={projects.error} what="your projects" retry={() => void projects.refetch()} />
  if (projects.data?.items.length === 0) {
    return (
      <Empty title="No projects yet">
        <p>You are not a member of any project. Ask an owner to add you, or make one.</p>
      </Empty>
    )
  }
  return (
    <ul className="project-cards">
      {projects.data?.items.map((project) => <ProjectCard key={project.id} project={project} />) ?? <BoneCards />}
    </ul>
  )
}

function ProjectCard({ project }: { project: Project }) {
  return (
    <li className="panel project-card">
      <div className="row">
        <h2>
          <Link to="/projects/$projectId" params={{ projectId: project.id }} data-row>
            <Foreign text={project.name} longest={80} />
          </Link>
        </h2>
        <span className="grow" />
        <span className="pill mute">{project.role}</span>
      </div>
      {project.connection ? <Reach connection={project.connection} /> : <p className="sub">This project has no connection to Temporal yet.</p>}
    </li>
  )
}

function Reach({ connection }: { connection: Connection }) {
  return (
    <>
      <p className="sub">
        namespace <Id text={connection.namespace} longest={40} /> on <Id text={connection.address} longest={60} />
      </p>
      <div className="row">
        <LookPill look={connectionLook(connection.state)} />
        {connection.error && <span className="sub bad-text"><Foreign text={connection.error} /></span>}
      </div>
    </>
  )
}

function BoneCards() {
  return [0, 1].map((at) => (
    <li key={at} className="panel project-card" aria-hidden="true">
      <Bone width={120} height={20} />
      <Bone width={220} />
      <Bone width={90} height={22} />
    </li>
  ))
}
