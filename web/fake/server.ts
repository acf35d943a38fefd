/**
 * Serves the built page with made-up answers, for looking at rare states: `node fake/server.ts [port]`.
 * Not part of the product; the real server is `watchglass up`.
 */
import { readFile } from 'node:fs/promises'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { extname, join } from 'node:path'
import { answer, NotFound } from './answers.ts'

const ROOT = join(import.meta.dirname, '../../src/watchglass/_web')
const TYPES: Record<string, string> = { '.js': 'text/javascript', '.css': 'text/css', '.svg': 'image/svg+xml' }
const NONCE = 'fake-nonce-of-this-server'
const POLICY = [
  "default-src 'none'", "script-src 'self'", `style-src 'self' 'nonce-${NONCE}'`, "img-src 'self'", "connect-src 'self'",
  "font-src 'self'", "base-uri 'none'", "form-action 'self'", "frame-ancestors 'none'", "require-trusted-types-for 'script'",
  'trusted-types default',
].join('; ')

async function serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const url = new URL(request.url ?? '/', 'http://fake')
  if (url.pathname.startsWith('/trpc/')) return sendCalls(request, response, url)
  const file = extname(url.pathname) in TYPES ? url.pathname : '/index.html'
  const body = await readFile(join(ROOT, file)).catch(() => null)
  if (body === null) return void response.writeHead(404).end()
  const isPage = file === '/index.html'
  response.writeHead(200, { 'content-type': isPage ? 'text/html; charset=utf-8' : (TYPES[extname(file)] ?? ''), ...(isPage && { 'content-security-policy': POLICY }) })
  response.end(isPage ? body.toString().replaceAll('__CSP_NONCE__', NONCE) : body)
}

async function sendCalls(request: IncomingMessage, response: ServerResponse, url: URL): Promise<void> {
  const names = decodeURIComponent(url.pathname.slice('/trpc/'.length)).split(',')
  const text = request.method === 'POST' ? await bodyOf(request) : (url.searchParams.get('input') ?? '')
  const input = text === '' ? {} : JSON.parse(text)
  const isBatch = url.searchParams.get('batch') === '1'
  const results = names.map((name, at) => result(name, isBatch ? (input[at] ?? {}) : input))
  const failed = results.find((one) => 'error' in one)
  response.writeHead(failed?.error?.data.httpStatus ?? 200, { 'content-type': 'application/json' })
  response.end(JSON.stringify(isBatch ? results : results[0]))
}

type Result = { result?: { data: unknown }; error?: { message: string; code: number; data: { code: string; httpStatus: number; path: string } } }

function result(name: string, input: Record<string, unknown>): Result {
  try {
    return { result: { data: answer(name, input) } }
  } catch (error) {
    const missing = error instanceof NotFound
    const message = error instanceof Error ? error.message : String(error)
    return { error: { message, code: missing ? -32004 : -32603, data: { code: missing ? 'NOT_FOUND' : 'INTERNAL_SERVER_ERROR', httpStatus: missing ? 404 : 500, path: name } } }
  }
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  const parts: Buffer[] = []
  for await (const part of request) parts.push(part as Buffer)
  return Buffer.concat(parts).toString()
}

const port = Number(process.argv[2] ?? 8790)
createServer((request, response) => void serve(request, response)).listen(port, '127.0.0.1', () => {
  process.stdout.write(`The fake is at http://127.0.0.1:${port}/\n`)
})
