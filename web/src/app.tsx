import { MantineProvider } from '@mantine/core'
import { QueryClientProvider, useQuery } from '@tanstack/react-query'
import { RouterProvider } from '@tanstack/react-router'
import { api, isSignedOut, queryClient } from './api/client.ts'
import type { SignIn } from './api/sign-in.ts'
import { SignedOut } from './features/signed-out.tsx'
import { nonce } from './nonce.ts'
import { router } from './router.tsx'
import { theme } from './theme.ts'

export function App({ signIn }: { signIn: SignIn }) {
  return (
    <MantineProvider theme={theme} defaultColorScheme="auto" getStyleNonce={() => nonce}>
      <QueryClientProvider client={queryClient}>
        <Door signIn={signIn} />
      </QueryClientProvider>
    </MantineProvider>
  )
}

/** Lets everybody in at once, so that the page does not wait for this answer, and out again when the server says 401. */
function Door({ signIn }: { signIn: SignIn }) {
  const me = useQuery(api.session.me.queryOptions(undefined, { staleTime: 60_000 }))
  if (isSignedOut(me.error)) return <SignedOut reason={signIn.state === 'refused' ? signIn.reason : undefined} />
  return <RouterProvider router={router} />
}
