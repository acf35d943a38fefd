// The same procedures as tests/api/trpc/sample.py on the real @trpc/server, to compare raw answers with.
import { initTRPC, TRPCError } from '@trpc/server'
import { createHTTPServer } from '@trpc/server/adapters/standalone'

const t = initTRPC.context<object>().create({ isDev: false })

type Fields = Record<string, 'number' | 'string'>

/** What zod would be asked for: an object with just these fields. */
function object(fields: Fields, optional = false) {
  return (value: unknown): Record<string, never> | undefined => {
    if (value === undefined && optional) return undefined
    if (typeof value !== 'object' || value === null || Array.isArray(value)) throw new Error('not an object')
    for (const [name, kind] of Object.entries(fields)) {
      if (typeof (value as Record<string, unknown>)[name] !== kind) throw new Error(`${name} is no ${kind}`)
    }
    if (Object.keys(value).some((name) => !(name in fields))) throw new Error('unknown field')
    return value as Record<string, never>
  }
}

const router = t.router({
  sample: t.router({
    health: t.procedure.query(() => true),
    greet: t.procedure.input(object({ name: 'string' }, true)).query(({ input }) => `Hello ${input ? input['name'] : 'nobody'}`),
    add: t.procedure.input(object({ a: 'number', b: 'number' })).query(({ input }) => Number(input?.['a']) + Number(input?.['b'])),
    work: t.procedure.input(object({ ms: 'number' })).mutation(() => true),
    reset: t.procedure.mutation(() => true),
    fail: t.procedure.input(object({ how: 'string' })).query(() => {
      throw new TRPCError({ code: 'NOT_FOUND', message: 'There is no such thing.' })
    }),
  }),
})

const server = createHTTPServer({
  router,
  basePath: '/trpc/',
  maxBatchSize: 20,
  allowMethodOverride: true,
  createContext: ({ req }) => {
    if (req.headers['x-refuse']) throw new TRPCError({ code: 'UNAUTHORIZED', message: 'Who are you?' })
    return {}
  },
})
server.listen(0, '127.0.0.1', () => {
  const address = server.address()
  console.log(typeof address === 'object' && address ? `http://127.0.0.1:${address.port}` : '')
})
