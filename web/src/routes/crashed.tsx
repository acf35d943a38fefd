import { useRouterState } from '@tanstack/react-router'
import { useEffect, useState } from 'react'
import { Brand } from '../features/shell.tsx'
import { isLostPart, loadAnew } from '../lost-part.ts'

/** In place of a page whose own code failed, or did not come. It needs no part that is not there yet. */
export function Crashed({ error }: { error: unknown }) {
  const isLost = isLostPart(error)
  const [isTold, setTold] = useState(!isLost)
  const path = useRouterState({ select: (state) => state.location.pathname })
  useEffect(() => {
    if (isLost) void loadAnew().then((isLoading) => setTold(!isLoading))
  }, [isLost])
  if (!isTold) return <main className="centre" aria-busy="true"><p className="sub">Loading …</p></main>
  return (
    <main className="centre">
      <div className="panel empty" role="alert">
        <div className="row"><Brand /><strong>Watchglass</strong></div>
        <h1>{isLost ? 'A part of this page did not arrive' : 'This page broke'}</h1>
        <p>
          {isLost
            ? 'Watchglass did not answer, or another version of it was started since you opened the page. Nothing that is stored was changed. Load the page again.'
            : 'This is a fault of Watchglass, not of your workflows, and nothing that is stored was changed. Load the page again, and report it when it stays.'}
        </p>
        {!isLost && <p><code>{path}: {error instanceof Error ? error.message : String(error)}</code></p>}
        <div className="row">
          <button type="button" className="button primary" onClick={() => location.reload()}>Load the page again</button>
          <a className="button" href="/">All projects</a>
        </div>
      </div>
    </main>
  )
}
