import { useMutation } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { api } from '../../api/client.ts'
import type { ConnectionDetails } from '../../api/types.ts'
import { connectionLook, LEVELS } from '../../lib/connection.ts'
import { formatCount } from '../../lib/figure.ts'
import { Icon } from '../../ui/icon.tsx'
import { Age, Moment } from '../../ui/moment.tsx'
import { messageOf } from '../../ui/states.tsx'
import { LookPill } from '../../ui/status-pill.tsx'
import { Foreign, Id } from '../../ui/text.tsx'
import { Decoding } from './decoding.tsx'
import { TestResult } from './test-result.tsx'

/** One connection: how it is, what it looks at, and what can be done with it. */
export function ConnectionPanel({ connection, mayChange }: { connection: ConnectionDetails; mayChange: boolean }) {
  const test = useMutation(api.connection.test.mutationOptions())
  const { projectId } = connection
  return (
    <article className="panel connection" aria-label={`Connection to ${connection.namespace}`}>
      <div className="row">
        <h2>namespace <Id text={connection.namespace} longest={60} /> on <Id text={connection.address} longest={60} /></h2>
        <LookPill look={connectionLook(connection.state)} />
        {connection.checkedAt && connection.state !== 'unknown' && <span className="sub">asked <Age iso={connection.checkedAt} /></span>}
        <span className="grow" />
        {mayChange && (
          <span className="row">
            <button type="button" className="button" disabled={test.isPending} onClick={() => test.mutate({ connectionId: connection.id })}>
              <Icon name="sync" /> {test.isPending ? 'Testing…' : 'Test'}
            </button>
            <Link to="/projects/$projectId/connections" params={{ projectId }} search={{ edit: connection.id }} className="button">Change</Link>
          </span>
        )}
      </div>
      {connection.error && <p className="bad-text"><Foreign text={connection.error} /></p>}
      {connection.notice && <p><Icon name="info" /> <Foreign text={connection.notice} /></p>}
      <dl className="connection-facts">
        <dt>Looks at</dt>
        <dd>{connection.scope ? <Id text={connection.scope} longest={200} /> : 'every run'}{connection.isEmbedded && ' (Watchglass’s own Temporal)'}</dd>
        <dt>Copies</dt>
        <dd>{LEVELS.find(({ level }) => level === connection.level)?.about}</dd>
        <dt>Signs in with</dt>
        <dd><SignIn connection={connection} /></dd>
        <dt>Asks at most</dt>
        <dd>{formatCount(connection.visibilityPerSecond)} lists and {formatCount(connection.historyPerSecond)} histories a second</dd>
        {connection.uiAddress && <><dt>Web page</dt><dd><a href={connection.uiAddress} target="_blank" rel="noopener noreferrer">{connection.uiAddress}</a></dd></>}
        {connection.codecAddress && <><dt>Codec server</dt><dd><Id text={connection.codecAddress} longest={120} /></dd><dt>Values are decoded</dt><dd>{mayChange ? <Decoding connection={connection} /> : connection.decodesAtSync ? 'while they are copied' : 'when somebody looks'}</dd></>}
      </dl>
      {test.error && !test.isPending && <p className="bad-text" role="alert">{messageOf(test.error)}</p>}
      {test.data && !test.isPending && <TestResult test={test.data} />}
    </article>
  )
}

function SignIn({ connection: { credentials } }: { connection: ConnectionDetails }) {
  const { apiKey, clientCertificate, headerNames, tls, serverCa, setAt } = credentials
  const certificate = clientCertificate ?? serverCa
  const kinds = [
    apiKey && 'an API key',
    clientCertificate && `the certificate ${clientCertificate.subject}`,
    headerNames.length > 0 && `the header ${headerNames.join(', ')}`,
  ].filter((kind): kind is string => Boolean(kind))
  return (
    <>
      <Foreign text={kinds.join(' and ') || 'nothing'} longest={120} />
      {tls ? ', over TLS' : ', in plain text'}
      {setAt && kinds.length > 0 && <span className="sub"> · set on <Moment iso={setAt} /></span>}
      {certificate && <Expiry iso={certificate.expiresAt} />}
    </>
  )
}

const SOON_MS = 30 * 24 * 3_600_000

function Expiry({ iso }: { iso: string }) {
  const left = Date.parse(iso) - Date.now()
  return (
    <span className={left < SOON_MS ? 'bad-text' : 'sub'}>
      {' '}· {left < 0 ? 'expired on' : 'valid until'} <Moment iso={iso} />
    </span>
  )
}
