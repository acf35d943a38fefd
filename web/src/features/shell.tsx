import { useComputedColorScheme, useMantineColorScheme } from '@mantine/core'
import { useMutation, useQuery } from '@tanstack/react-query'
import { Link, useMatchRoute, useNavigate } from '@tanstack/react-router'
import { lazy, type ReactNode, Suspense, useEffect, useId, useRef, useState } from 'react'
import { api, isSignedOut, queryClient } from '../api/client.ts'
import { Icon } from '../ui/icon.tsx'
import { Foreign } from '../ui/text.tsx'
import { AttentionLink } from './attention/rail-link.tsx'
import { focusSearch, moveRowFocus, useShortcuts } from './keyboard.ts'

const Help = lazy(() => import('./help.tsx').then((module) => ({ default: module.Help })))

type Crumb = { label: string; to?: string }

/** What stands around every page: the rail, the crumbs and the keys that work everywhere. */
export function Shell(props: { projectId?: string | undefined; title: string; crumbs: Crumb[]; children: ReactNode }) {
  const [helping, setHelping] = useState(false)
  const navigate = useNavigate()
  const { projectId } = props
  useEffect(() => {
    document.title = `${props.title} · Watchglass`
  }, [props.title])
  useShortcuts(
    {
      '?': () => setHelping(true),
      '/': focusSearch,
      j: () => moveRowFocus(1),
      k: () => moveRowFocus(-1),
      ...(projectId && {
        'g h': () => void navigate({ to: '/projects/$projectId', params: { projectId } }),
        'g s': () => void navigate({ to: '/projects/$projectId/statistics', params: { projectId } }),
      }),
      'g p': () => void navigate({ to: '/' }),
      'g a': () => void navigate({ to: '/attention' }),
    },
    'last',
  )
  return (
    <div className="app">
      <a className="button primary skip" href="#main">
        Skip to the page
      </a>
      <Rail projectId={projectId} onHelp={() => setHelping(true)} />
      <main id="main" tabIndex={-1}>
        <Crumbs crumbs={props.crumbs} />
        {props.children}
      </main>
      {helping && (
        <Suspense>
          <Help onClose={() => setHelping(false)} />
        </Suspense>
      )}
    </div>
  )
}

function Crumbs({ crumbs }: { crumbs: Crumb[] }) {
  return (
    <nav aria-label="Where you are">
      <ol className="crumbs">
        {crumbs.map((crumb, at) => (
          <li key={at}>
            {crumb.to ? (
              <Link to={crumb.to}>
                <Foreign text={crumb.label} longest={48} />
              </Link>
            ) : (
              <Foreign text={crumb.label} longest={48} />
            )}
          </li>
        ))}
      </ol>
    </nav>
  )
}

function Rail({ projectId, onHelp }: { projectId: string | undefined; onHelp: () => void }) {
  const project = useQuery({ ...api.project.get.queryOptions({ projectId: projectId ?? '' }, { staleTime: 60_000 }), enabled: projectId !== undefined })
  const matches = useMatchRoute()
  const elsewhere = (['runs', 'statistics', 'attention', 'schedules', 'components', 'connections', 'set-aside', 'members', 'activity', 'privacy'] as const).some((tab) => matches({ to: `/projects/$projectId/${tab}` }))
  return (
    <nav className="rail" aria-label="Main">
      <Link to="/" className="brand" aria-label="Watchglass, all projects">
        <Brand />
        <span className="brand-name">Watchglass</span>
      </Link>
      <Link to="/" className="rail-link" activeOptions={{ exact: true }} aria-label="All projects">
        <Icon name="home" />
        <span className="rail-text">All projects</span>
      </Link>
      <AttentionLink />
      {projectId && (
        <>
          <div className="rail-heading">{project.data ? <Foreign text={project.data.name} longest={24} /> : ' '}</div>
          <Link
            to="/projects/$projectId"
            params={{ projectId }}
            className={elsewhere ? 'rail-link' : 'rail-link on'}
            activeOptions={{ exact: true }}
            aria-label="Workflows"
          >
            <Icon name="list" />
            <span className="rail-text">Workflows</span>
          </Link>
          <Link to="/projects/$projectId/runs" params={{ projectId }} search={{}} activeOptions={{ includeSearch: false }} className="rail-link rail-wide" aria-label="Runs">
            <Icon name="play" />
            <span className="rail-text">Runs</span>
          </Link>
          <Link to="/projects/$projectId/statistics" params={{ projectId }} className="rail-link" aria-label="Statistics">
            <Icon name="chart" />
            <span className="rail-text">Statistics</span>
          </Link>
          <Link to="/projects/$projectId/schedules" params={{ projectId }} search={{}} className="rail-link rail-wide" aria-label="Schedules">
            <Icon name="clock" />
            <span className="rail-text">Schedules</span>
          </Link>
          <Link to="/projects/$projectId/components" params={{ projectId }} search={{}} className="rail-link rail-wide" aria-label="Components">
            <Icon name="puzzle" />
            <span className="rail-text">Components</span>
          </Link>
          <Link to="/projects/$projectId/connections" params={{ projectId }} search={{}} className="rail-link" aria-label="Connections">
            <Icon name="link" />
            <span className="rail-text">Connections</span>
          </Link>
          {project.data?.role === 'owner' && (
            <Link to="/projects/$projectId/members" params={{ projectId }} className="rail-link rail-wide" aria-label="Members">
              <Icon name="people" />
              <span className="rail-text">Members</span>
            </Link>
          )}
          <Link to="/projects/$projectId/activity" params={{ projectId }} className="rail-link rail-wide" aria-label="Activity">
            <Icon name="list" />
            <span className="rail-text">Activity</span>
          </Link>
          <Link to="/projects/$projectId/privacy" params={{ projectId }} className="rail-link rail-wide" aria-label="Privacy">
            <Icon name="lock" />
            <span className="rail-text">Privacy</span>
          </Link>
        </>
      )}
      <div className="rail-foot">
        <ThemeSwitch />
        <button type="button" className="rail-link rail-wide" onClick={onHelp} aria-label="Keyboard shortcuts">
          <Icon name="help" />
          <span className="rail-text">Keyboard shortcuts</span>
        </button>
        <Person />
        <More onHelp={onHelp} />
      </div>
    </nav>
  )
}

export function Brand() {
  return (
    <svg width="22" height="22" viewBox="0 0 22 22" aria-hidden="true" fill="none" stroke="var(--accent)" strokeWidth="2.2" strokeLinecap="round">
      <circle cx="11" cy="11" r="9" />
      <path d="M11 5.5V11l4 2.4" />
    </svg>
  )
}

function ThemeSwitch() {
  const { setColorScheme } = useMantineColorScheme()
  const scheme = useComputedColorScheme('light')
  const other = scheme === 'dark' ? 'light' : 'dark'
  const label = other === 'dark' ? 'Dark colours' : 'Light colours'
  return (
    <button type="button" className="rail-link" onClick={() => setColorScheme(other)} aria-label={label}>
      <Icon name={other === 'dark' ? 'moon' : 'sun'} />
      <span className="rail-text">{label}</span>
    </button>
  )
}

function usePerson() {
  const me = useQuery(api.session.me.queryOptions(undefined, { staleTime: 60_000 }))
  return me.data && !isSignedOut(me.error) ? me.data : null
}

const useSignOut = () => useMutation(api.session.signOut.mutationOptions({ onSuccess: () => queryClient.invalidateQueries() }))

function Person() {
  const person = usePerson()
  const signOut = useSignOut()
  if (!person) return null
  const label = `Sign out ${person.name}`
  return (
    <>
      {person.isAdmin && (
        <Link to="/people" className="rail-link rail-wide" aria-label="People">
          <Icon name="people" />
          <span className="rail-text">People</span>
        </Link>
      )}
      <Link to="/account" className="rail-link" aria-label={`Account of ${person.name}`} title={`Account of ${person.name}`}>
        <Icon name="person" />
        <span className="rail-text clip"><Foreign text={person.name} longest={20} /></span>
      </Link>
      <button type="button" className="rail-link rail-wide" onClick={() => signOut.mutate()} aria-label={label} title={label}>
        <Icon name="out" />
        <span className="rail-text">Sign out</span>
      </button>
    </>
  )
}

/** On a narrow screen: what the rail has no room for. The browser opens, closes and announces it, also by keyboard. */
function More({ onHelp }: { onHelp: () => void }) {
  const person = usePerson()
  const signOut = useSignOut()
  const id = useId()
  const list = useRef<HTMLDivElement>(null)
  const close = (): void => list.current?.hidePopover()
  return (
    <div className="rail-narrow">
      <button type="button" className="rail-link" popoverTarget={id} aria-label="More"><Icon name="dots" /></button>
      <div id={id} ref={list} popover="auto" className="rail-more" role="group" aria-label="More">
        {person?.isAdmin && <Link to="/people" onClick={close}><Icon name="people" /> People</Link>}
        <button type="button" onClick={() => { close(); onHelp() }}><Icon name="help" /> Keyboard shortcuts</button>
        {person && <button type="button" onClick={() => { close(); signOut.mutate() }}><Icon name="out" /> Sign out <Foreign text={person.name} longest={20} /></button>}
      </div>
    </div>
  )
}
