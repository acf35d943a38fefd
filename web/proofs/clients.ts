// The official clients against a running server: `node proofs/clients.ts ADDRESS`. Prints one line a check.
import assert from 'node:assert/strict'
import { QueryClient } from '@tanstack/react-query'
import {
  createTRPCClient,
  httpBatchLink,
  httpBatchStreamLink,
  httpLink,
  isTRPCClientError,
  retryLink,
  splitLink,
  TRPCClientError,
} from '@trpc/client'
import { createTRPCOptionsProxy } from '@trpc/tanstack-react-query'
import type { AppRouter } from './sample.gen.ts'

const url = `${process.argv[2]}/trpc`
const sent: { method: string; url: string; status: number }[] = []

const recordingFetch: typeof fetch = async (input, init) => {
  const response = await fetch(input, init)
  sent.push({ method: init?.method ?? 'GET', url: String(input), status: response.status })
  return response
}

const single = createTRPCClient<AppRouter>({ links: [httpLink({ url, fetch: recordingFetch })] })
const batched = createTRPCClient<AppRouter>({
  links: [httpBatchLink({ url, fetch: recordingFetch, maxURLLength: 14_000, maxItems: 10 })],
})
const posting = createTRPCClient<AppRouter>({ links: [httpLink({ url, methodOverride: 'POST', fetch: recordingFetch })] })
const split = createTRPCClient<AppRouter>({
  links: [
    splitLink({
      condition: ({ path }) => path === 'sample.add',
      true: httpLink({ url, fetch: recordingFetch }),
      false: httpBatchLink({ url, fetch: recordingFetch }),
    }),
  ],
})

async function refused(work: Promise<unknown>): Promise<TRPCClientError<AppRouter>> {
  const error = await work.then(
    () => assert.fail('it was not refused'),
    (reason: unknown) => reason,
  )
  assert(isTRPCClientError<AppRouter>(error), String(error))
  return error
}

async function until(check: () => Promise<boolean>): Promise<void> {
  for (let tries = 0; tries < 100; tries += 1) {
    if (await check()) return
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
  assert.fail('it never came true')
}

const counts = () => single.sample.counts.query()
const checks: [string, () => Promise<void>][] = []
const check = (name: string, run: () => Promise<void>) => checks.push([name, run])

for (const [name, client] of [['httpLink', single], ['httpBatchLink', batched], ['splitLink', split]] as const) {
  check(`${name}: queries and mutations`, async () => {
    assert.equal(await client.sample.health.query(), true)
    assert.equal(await client.sample.add.query({ a: 2, b: 3 }), 5)
    assert.equal(await client.sample.greet.query(), 'Hello nobody')
    assert.equal(await client.sample.greet.query({ name: 'Ünï/,%&?#💡' }), 'Hello Ünï/,%&?#💡')
    assert.equal(await client.sample.work.mutate({ ms: 0 }), true)
  })
  check(`${name}: values come back as they went`, async () => {
    const value = { a: [1, 1.5, -0.25, null, true, 'x\u0000y', '</script>', { __proto__x: 1 }], ' ': {} }
    assert.deepEqual((await client.sample.echo.query({ value })).value, value)
    assert.deepEqual((await client.sample.echo.query({ value: null })).value, null)
  })
  check(`${name}: a mutation without input`, async () => {
    assert.equal(await client.sample.reset.mutate(), true)
  })
  check(`${name}: the server's errors`, async () => {
    const missing = await refused(client.sample.fail.query({ how: 'notFound' }))
    assert.equal(missing.message, 'There is no such thing.')
    assert.equal(missing.data?.code, 'NOT_FOUND')
    assert.equal(missing.data?.httpStatus, 404)
    assert.equal(missing.data?.path, 'sample.fail')
    assert.equal(missing.shape?.code, -32004)
    const bug = await refused(client.sample.fail.query({ how: 'bug' }))
    assert.equal(bug.message, 'Internal server error')
    assert.equal((await refused(client.sample.fail.query({ how: 'timeout' }))).data?.code, 'TIMEOUT')
  })
  check(`${name}: validation issues`, async () => {
    const error = await refused(client.sample.add.query({ a: '1', b: 2, c: 3 } as never))
    assert.equal(error.data?.code, 'BAD_REQUEST')
    assert.deepEqual(error.data?.issues?.map((issue) => [issue.path, issue.type]), [
      [['a'], 'int_type'],
      [['c'], 'extra_forbidden'],
    ])
    const many = await refused(client.sample.many.query({ items: Array(60).fill('x') } as never))
    assert.equal(many.data?.issues?.length, 20)
  })
  check(`${name}: an unknown procedure`, async () => {
    const unknown = client as unknown as { sample: Record<string, { query(): Promise<unknown> }> }
    for (const path of ['nothing', 'constructor', '__proto__', 'toString']) {
      const error = await refused(unknown.sample[path]!.query())
      assert.equal(error.data?.code, 'NOT_FOUND', path)
    }
  })
  check(`${name}: an aborted query is cancelled`, async () => {
    await single.sample.reset.mutate()
    const abort = new AbortController()
    const waiting = refused(client.sample.wait.query({ ms: 20_000 }, { signal: abort.signal }))
    setTimeout(() => abort.abort(), 200)
    await waiting
    await until(async () => (await counts()).cancelled === 1)
    assert.equal((await counts()).finished, 0)
  })
  check(`${name}: an aborted mutation runs on`, async () => {
    await single.sample.reset.mutate()
    const abort = new AbortController()
    const waiting = refused(client.sample.work.mutate({ ms: 600 }, { signal: abort.signal }))
    setTimeout(() => abort.abort(), 200)
    await waiting
    await until(async () => (await counts()).finished === 1)
    assert.equal((await counts()).cancelled, 0)
  })
}

check('httpBatchLink: one request, answers in order, an error among them', async () => {
  sent.length = 0
  const answers = await Promise.allSettled([
    batched.sample.add.query({ a: 1, b: 1 }),
    batched.sample.health.query(),
    batched.sample.fail.query({ how: 'notFound' }),
    batched.sample.greet.query(),
  ])
  assert.deepEqual(answers.map((answer) => answer.status), ['fulfilled', 'fulfilled', 'rejected', 'fulfilled'])
  assert.equal(sent.length, 1)
  assert.equal(sent[0]?.status, 207)
})
check('httpBatchLink: maxItems splits, and the server takes no more than 20', async () => {
  sent.length = 0
  const sums = await Promise.all(Array.from({ length: 25 }, (_, n) => batched.sample.add.query({ a: n, b: 1 })))
  assert.deepEqual(sums, Array.from({ length: 25 }, (_, n) => n + 1))
  assert.equal(sent.length, 3)
  const unlimited = createTRPCClient<AppRouter>({ links: [httpBatchLink({ url })] })
  const all = await Promise.allSettled(Array.from({ length: 21 }, () => unlimited.sample.health.query()))
  for (const one of all) {
    assert(one.status === 'rejected')
    assert.equal((one.reason as TRPCClientError<AppRouter>).message, 'Batch call exceeds maximum size')
  }
})
check('httpBatchLink: a batch of mutations', async () => {
  assert.deepEqual(await Promise.all([batched.sample.work.mutate({ ms: 0 }), batched.sample.reset.mutate()]), [true, true])
})
check('methodOverride: queries by POST, for long inputs', async () => {
  sent.length = 0
  const value = 'x'.repeat(100_000)
  assert.equal((await posting.sample.echo.query({ value })).value, value)
  assert.equal(await posting.sample.health.query(), true)
  assert.equal(await posting.sample.greet.query(), 'Hello nobody')
  assert.deepEqual(sent.map((request) => request.method), ['POST', 'POST', 'POST'])
})
check('a body beyond 1 MiB is refused', async () => {
  const error = await refused(posting.sample.echo.query({ value: 'x'.repeat(1_100_000) }))
  assert.equal(error.data?.code, 'PAYLOAD_TOO_LARGE')
})
check('retryLink sees the status and stops', async () => {
  let tries = 0
  const retrying = createTRPCClient<AppRouter>({
    links: [
      retryLink({ retry: ({ error, attempts }) => ((tries = attempts), error.data?.code === 'TIMEOUT' && attempts < 3) }),
      httpLink({ url }),
    ],
  })
  assert.equal((await refused(retrying.sample.fail.query({ how: 'timeout' }))).data?.code, 'TIMEOUT')
  assert.equal(tries, 3)
  await refused(retrying.sample.fail.query({ how: 'notFound' }))
  assert.equal(tries, 1)
})
check('httpBatchStreamLink gets a clear answer', async () => {
  const streaming = createTRPCClient<AppRouter>({ links: [httpBatchStreamLink({ url })] })
  const error = await refused(streaming.sample.health.query())
  assert.match(error.message, /httpBatchLink/)
})
check('headers reach the server; a refusal by the context reaches every call', async () => {
  const stranger = createTRPCClient<AppRouter>({ links: [httpBatchLink({ url, headers: { 'x-refuse': '1' } })] })
  const [a, b] = await Promise.all([refused(stranger.sample.health.query()), refused(stranger.sample.greet.query())])
  assert.deepEqual([a.data?.code, b.data?.code], ['UNAUTHORIZED', 'UNAUTHORIZED'])
})
check('tanstack-react-query: queries, infinite queries, mutations', async () => {
  const queryClient = new QueryClient({ defaultOptions: { queries: { retry: false } } })
  const trpc = createTRPCOptionsProxy<AppRouter>({ client: batched, queryClient })
  assert.equal(await queryClient.fetchQuery(trpc.sample.add.queryOptions({ a: 1, b: 2 })), 3)
  assert.equal(queryClient.getQueryData(trpc.sample.add.queryKey({ a: 1, b: 2 })), 3)
  const pages = await queryClient.fetchInfiniteQuery({
    ...trpc.sample.page.infiniteQueryOptions({ limit: 4 }, { getNextPageParam: (last) => last.nextCursor }),
    pages: 5,
    getNextPageParam: (last: { nextCursor: string | null }) => last.nextCursor,
  } as Parameters<typeof queryClient.fetchInfiniteQuery>[0])
  const items = (pages.pages as { items: number[] }[]).flatMap((page) => page.items)
  assert.deepEqual(items, [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11])
  const mutation = trpc.sample.work.mutationOptions()
  assert.equal(await mutation.mutationFn?.({ ms: 0 }, undefined as never), true)
  await refused(queryClient.fetchQuery(trpc.sample.fail.queryOptions({ how: 'bug' })))
})

let failed = 0
for (const [name, run] of checks) {
  try {
    await run()
    console.log(`ok      ${name}`)
  } catch (error) {
    failed += 1
    console.log(`FAILED  ${name}\n${error instanceof Error ? error.stack : String(error)}`)
  }
}
console.log(`${checks.length - failed} of ${checks.length} checks hold`)
process.exit(failed === 0 ? 0 : 1)
