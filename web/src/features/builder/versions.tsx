import { Drawer } from '@mantine/core'
import '@mantine/core/styles/ModalBase.css'
import '@mantine/core/styles/Overlay.css'
import '@mantine/core/styles/Paper.css'
import '@mantine/core/styles/Drawer.css'
import { useInfiniteQuery, useMutation } from '@tanstack/react-query'
import { api, client } from '../../api/client.ts'
import { counted } from '../../lib/figure.ts'
import { Icon } from '../../ui/icon.tsx'
import { Age } from '../../ui/moment.tsx'
import { Bone, messageOf, Problem } from '../../ui/states.tsx'
import { Foreign } from '../../ui/text.tsx'
import { saveFile } from '../save-file.ts'
import type { Editing } from './use-draft.ts'

/** All versions, newest first: each can be looked at, taken as a file, or put back into the draft. */
export function VersionsDrawer(props: { workflowId: string; editing: Editing; canEdit: boolean; looking: number | null; onLook: (version: number | null) => void; onClose: () => void }) {
  const { workflowId, editing } = props
  const pages = useInfiniteQuery(api.workflow.listVersions.infiniteQueryOptions({ workflowId }, { getNextPageParam: (page) => page.nextCursor ?? undefined }))
  const restore = useMutation({
    mutationFn: (version: number) => client.workflow.getVersion.query({ workflowId, version }),
    onSuccess: ({ graph }) => {
      editing.apply(() => graph)
      props.onLook(null)
      props.onClose()
    },
  })
  const take = useMutation({ mutationFn: (version: number) => client.workflow.exportFile.query({ workflowId, version }), onSuccess: (file) => saveFile({ ...file, type: 'text/yaml' }) })
  const all = pages.data?.pages.flatMap((page) => page.items) ?? []
  const error = restore.error ?? take.error
  return (
    <Drawer.Root opened onClose={props.onClose} position="right" size={400} lockScroll={false} transitionProps={{ duration: 120 }}>
      <Drawer.Overlay backgroundOpacity={0.3} />
      <Drawer.Content aria-label="Versions">
        <div className="sheet versions-sheet">
          <div className="inspector-head">
            <h2>Versions</h2>
            <button type="button" className="bare" aria-label="Close" onClick={props.onClose}><Icon name="close" /></button>
          </div>
          {pages.error && !pages.data && <Problem error={pages.error} what="the versions" retry={() => void pages.refetch()} />}
          {!pages.data && !pages.error && <Bone width="100%" height={60} />}
          {pages.data && all.length === 0 && <p className="sub">No version yet. “Save version” makes the first; then the workflow can be run.</p>}
          {error && <p className="bad-text" role="alert">{messageOf(error)}</p>}
          <ol className="version-list">
            {all.map((version) => (
              <li key={version.version} aria-current={props.looking === version.version || undefined}>
                <div className="row"><b>v{version.version}</b><span className="grow" /><span className="sub"><Age iso={version.createdAt} />{version.createdBy && <> · <Foreign text={version.createdBy} longest={30} /></>}</span></div>
                {version.note && <p><Foreign text={version.note} longest={400} /></p>}
                <div className="row">
                  <span className="sub">{counted(version.nodeCount, 'step')}</span>
                  <span className="grow" />
                  <button type="button" className="plain" onClick={() => { props.onLook(version.version); props.onClose() }}>Look at it</button>
                  <button type="button" className="plain" onClick={() => take.mutate(version.version)}>File</button>
                  {props.canEdit && <button type="button" className="plain" disabled={restore.isPending} onClick={() => restore.mutate(version.version)}>Restore into the draft</button>}
                </div>
              </li>
            ))}
          </ol>
          {pages.hasNextPage && <button type="button" className="button" disabled={pages.isFetchingNextPage} onClick={() => void pages.fetchNextPage()}>Older versions</button>}
        </div>
      </Drawer.Content>
    </Drawer.Root>
  )
}
