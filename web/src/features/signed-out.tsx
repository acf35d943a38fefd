import { Brand } from './shell.tsx'

export function SignedOut({ reason }: { reason?: string | undefined }) {
  return (
    <main className="centre">
      <div className="panel empty">
        <Brand />
        <h1>You are not signed in</h1>
        {reason && <p role="alert">{reason}</p>}
        <p>
          Run <code>watchglass sign-in-link</code> where Watchglass runs, and open the link that it prints. A link works once,
          in one browser.
        </p>
      </div>
    </main>
  )
}
