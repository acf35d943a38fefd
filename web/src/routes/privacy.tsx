import { useQuery } from '@tanstack/react-query'
import { useParams } from '@tanstack/react-router'
import { api } from '../api/client.ts'
import { KeepRuns } from '../features/privacy/keep-runs.tsx'
import { RulesForm } from '../features/privacy/rules-form.tsx'
import { RulesShown } from '../features/privacy/rules-shown.tsx'
import { ProjectFrame } from '../features/project-frame.tsx'
import { counted } from '../lib/figure.ts'
import { redactCommand } from '../lib/redaction.ts'
import { CopyButton } from '../ui/copy-button.tsx'
import { Icon } from '../ui/icon.tsx'
import { Bone, Problem } from '../ui/states.tsx'
import '../styles/account.css'
import '../styles/privacy.css'

/** What a project hides in values before they are stored, and how long it keeps runs: owners change it, members read it. */
export function PrivacyPage() {
  const { projectId } = useParams({ from: '/projects/$projectId/privacy' })
  return (
    <ProjectFrame projectId={projectId} tab="Privacy">
      <Rules key={projectId} projectId={projectId} />
      <KeepRuns key={`runs of ${projectId}`} projectId={projectId} />
    </ProjectFrame>
  )
}

function Rules({ projectId }: { projectId: string }) {
  const project = useQuery(api.project.get.queryOptions({ projectId }))
  const privacy = useQuery(api.privacy.getRules.queryOptions({ projectId }, { placeholderData: undefined, staleTime: 10_000, refetchInterval: ({ state }) => (state.error ? 5000 : false) }))
  if (privacy.error && !privacy.data) return <Problem error={privacy.error} what="the privacy rules" retry={() => void privacy.refetch()} />
  if (!privacy.data || !project.data) return <Bones />
  const { rules, revision, mayChange, earlierRuns } = privacy.data
  return (
    <div className="privacy">
      {!project.data.seesPayloads && (
        <div className="notice info"><Icon name="lock" /><span>You may not see the values of this project. These rules say what is not even stored.</span></div>
      )}
      {earlierRuns > 0 && <Earlier count={earlierRuns} project={project.data.name} />}
      {mayChange ? <RulesForm projectId={projectId} saved={rules} revision={revision} /> : <RulesShown rules={rules} />}
    </div>
  )
}

/** Runs that the rules came too late for, and what is done about them. */
function Earlier({ count, project }: { count: number; project: string }) {
  const command = redactCommand(project)
  return (
    <div className="notice warn" role="status">
      <Icon name="alert" />
      <span>
        <b>{counted(count, 'run')} {count === 1 ? 'was' : 'were'} stored before these rules.</b> What {count === 1 ? 'it holds' : 'they hold'} stays as it is until somebody runs
        this where Watchglass runs: <code>{command}</code> <CopyButton text={command} label="the command" />
      </span>
    </div>
  )
}

function Bones() {
  return (
    <div className="privacy" aria-hidden="true">
      <div className="privacy-columns">
        <div className="panel account-form"><Bone width={180} /><Bone width="100%" height={80} /><Bone width={180} /><Bone width="100%" height={80} /><Bone width={220} /></div>
        <div className="panel account-form"><Bone width={120} /><Bone width="100%" height={160} /></div>
      </div>
    </div>
  )
}
