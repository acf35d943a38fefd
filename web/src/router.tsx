import { createRootRoute, createRoute, createRouter, lazyRouteComponent, Outlet } from '@tanstack/react-router'
import { queryClient } from './api/client.ts'
import { firstPageOf } from './api/run.ts'
import type { Erased } from './lib/erased.ts'
import { readBuilderSearch, readComponentsSearch, readConnectionsSearch, readExecutionSearch, readHistorySearch, readRunGraphSearch, readSchedulesSearch } from './lib/url-state.ts'
import { part } from './lost-part.ts'
import { only, parseSearch, stringifySearch } from './lib/search-text.ts'
import { readProjectStatisticsSearch, readStatisticsSearch } from './lib/statistics-search.ts'
import { Crashed } from './routes/crashed.tsx'
import { NotFound } from './routes/not-found.tsx'

const root = createRootRoute({ component: Outlet, notFoundComponent: NotFound })

const projects = createRoute({
  getParentRoute: () => root,
  path: '/',
  component: lazyRouteComponent(() => part(import('./routes/projects.tsx')), 'ProjectsPage'),
})
const project = createRoute({
  getParentRoute: () => root,
  path: '/projects/$projectId',
  component: lazyRouteComponent(() => part(import('./routes/project.tsx')), 'ProjectPage'),
})
const newProject = createRoute({
  getParentRoute: () => root,
  path: '/new-project',
  component: lazyRouteComponent(() => part(import('./routes/new-project.tsx')), 'NewProjectPage'),
})
const connections = createRoute({
  getParentRoute: () => root,
  path: '/projects/$projectId/connections',
  validateSearch: only(readConnectionsSearch),
  component: lazyRouteComponent(() => part(import('./routes/connections.tsx')), 'ConnectionsPage'),
})
const components = createRoute({
  getParentRoute: () => root,
  path: '/projects/$projectId/components',
  validateSearch: only(readComponentsSearch),
  component: lazyRouteComponent(() => part(import('./routes/components.tsx')), 'ComponentsPage'),
})
const projectStatistics = createRoute({
  getParentRoute: () => root,
  path: '/projects/$projectId/statistics',
  validateSearch: only(readProjectStatisticsSearch),
  component: lazyRouteComponent(() => part(import('./routes/project-statistics.tsx')), 'ProjectStatisticsPage'),
})
const projectRuns = createRoute({
  getParentRoute: () => root,
  path: '/projects/$projectId/runs',
  validateSearch: only(readHistorySearch),
  component: lazyRouteComponent(() => part(import('./routes/project-runs.tsx')), 'ProjectRunsPage'),
})
const setAside = createRoute({
  getParentRoute: () => root,
  path: '/projects/$projectId/set-aside',
  component: lazyRouteComponent(() => part(import('./routes/set-aside.tsx')), 'SetAsidePage'),
})
const attention = createRoute({
  getParentRoute: () => root,
  path: '/attention',
  component: lazyRouteComponent(() => part(import('./routes/attention.tsx')), 'AttentionPage'),
})
const projectAttention = createRoute({
  getParentRoute: () => root,
  path: '/projects/$projectId/attention',
  component: lazyRouteComponent(() => part(import('./routes/attention.tsx')), 'ProjectAttentionPage'),
})
const schedules = createRoute({
  getParentRoute: () => root,
  path: '/projects/$projectId/schedules',
  validateSearch: only(readSchedulesSearch),
  component: lazyRouteComponent(() => part(import('./routes/schedules.tsx')), 'SchedulesPage'),
})
const workflow = createRoute({
  getParentRoute: () => root,
  path: '/workflows/$workflowId',
  validateSearch: only(readHistorySearch),
  component: lazyRouteComponent(() => part(import('./routes/workflow.tsx')), 'WorkflowPage'),
})
const workflowStatistics = createRoute({
  getParentRoute: () => root,
  path: '/workflows/$workflowId/statistics',
  validateSearch: only(readStatisticsSearch),
  component: lazyRouteComponent(() => part(import('./routes/workflow-statistics.tsx')), 'WorkflowStatisticsPage'),
})
const workflowBuilder = createRoute({
  getParentRoute: () => root,
  path: '/workflows/$workflowId/builder',
  validateSearch: only(readBuilderSearch),
  component: lazyRouteComponent(() => part(import('./routes/builder.tsx')), 'BuilderPage'),
})
const execution = createRoute({
  getParentRoute: () => root,
  path: '/executions/$executionId',
  // The question goes out while the page's own code is still on its way.
  loader: ({ params }) => void queryClient.prefetchQuery(firstPageOf(params.executionId)),
  validateSearch: only(readExecutionSearch),
  component: lazyRouteComponent(() => part(import('./routes/execution.tsx')), 'StepsPage'),
})
const executionGraph = createRoute({
  getParentRoute: () => root,
  path: '/executions/$executionId/graph',
  loader: ({ params }) => void queryClient.prefetchQuery(firstPageOf(params.executionId)),
  validateSearch: only(readRunGraphSearch),
  component: lazyRouteComponent(() => part(import('./routes/execution-graph.tsx')), 'GraphPage'),
})
const executionValues = createRoute({
  getParentRoute: () => root,
  path: '/executions/$executionId/values',
  component: lazyRouteComponent(() => part(import('./routes/execution.tsx')), 'ValuesPage'),
})
const executionHistory = createRoute({
  getParentRoute: () => root,
  path: '/executions/$executionId/raw',
  component: lazyRouteComponent(() => part(import('./routes/execution-raw.tsx')), 'RawHistoryPage'),
})
const executionChain = createRoute({
  getParentRoute: () => root,
  path: '/executions/$executionId/chain',
  component: lazyRouteComponent(() => part(import('./routes/execution-chain.tsx')), 'ChainPage'),
})
const members = createRoute({
  getParentRoute: () => root,
  path: '/projects/$projectId/members',
  component: lazyRouteComponent(() => part(import('./routes/members.tsx')), 'MembersPage'),
})
const activity = createRoute({
  getParentRoute: () => root,
  path: '/projects/$projectId/activity',
  component: lazyRouteComponent(() => part(import('./routes/activity.tsx')), 'ActivityPage'),
})
const privacy = createRoute({
  getParentRoute: () => root,
  path: '/projects/$projectId/privacy',
  component: lazyRouteComponent(() => part(import('./routes/privacy.tsx')), 'PrivacyPage'),
})
const account = createRoute({
  getParentRoute: () => root,
  path: '/account',
  component: lazyRouteComponent(() => part(import('./routes/account.tsx')), 'AccountPage'),
})
const people = createRoute({
  getParentRoute: () => root,
  path: '/people',
  component: lazyRouteComponent(() => part(import('./routes/people.tsx')), 'PeoplePage'),
})
const peopleLog = createRoute({
  getParentRoute: () => root,
  path: '/people/log',
  component: lazyRouteComponent(() => part(import('./routes/people-log.tsx')), 'PeopleLogPage'),
})
const peopleFigures = createRoute({
  getParentRoute: () => root,
  path: '/people/figures',
  component: lazyRouteComponent(() => part(import('./routes/people-figures.tsx')), 'PeopleFiguresPage'),
})
const temporal = createRoute({
  getParentRoute: () => root,
  path: '/t/$connectionId/$workflowId/{-$runId}',
  component: lazyRouteComponent(() => part(import('./routes/temporal.tsx')), 'TemporalPage'),
})

export const router = createRouter({
  routeTree: root.addChildren([
    projects, newProject, project, connections, components, projectStatistics, projectRuns, setAside, attention, projectAttention, schedules, workflow, workflowStatistics, workflowBuilder,
    execution, executionGraph, executionValues, executionChain, executionHistory, temporal, account, people, peopleLog, peopleFigures, members, activity, privacy,
  ]),
  defaultErrorComponent: Crashed,
  defaultPreload: 'intent',
  parseSearch,
  stringifySearch,
  scrollRestoration: false,
})

declare module '@tanstack/react-router' {
  interface Register {
    router: typeof router
  }
  interface HistoryState {
    /** What was just erased, for the list that its owner lands on. */
    erased?: Erased
  }
}
