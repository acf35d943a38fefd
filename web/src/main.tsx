import './trusted-types.ts' // first: nothing may touch the document before the policy stands
import '@mantine/core/styles/baseline.css'
import '@mantine/core/styles/default-css-variables.css'
import '@mantine/core/styles/global.css'
import '@mantine/core/styles/Popover.css'
import './styles/tokens.css'
import './styles/base.css'
import './styles/shell.css'
import './styles/list.css'
import './styles/run.css'
import './styles/inspector.css'
import './styles/statistics.css'
import { createRoot } from 'react-dom/client'
import { exchangeToken } from './api/sign-in.ts'
import { App } from './app.tsx'

async function start(): Promise<void> {
  const signIn = await exchangeToken(location, history)
  createRoot(document.getElementById('root') ?? document.body).render(<App signIn={signIn} />)
}

void start()
