import type { Boxes, Corners } from './layout.ts'

type Answer = { ticket: number; corners: Corners } | { ticket: number; refusal: string }

let worker: Worker | null = null
let tickets = 0

/** Lays out beside the page: a thousand nodes take dagre 1.5 s, during which the page would stand still. */
export function layOutBeside(boxes: Boxes): Promise<Corners> {
  worker ??= new Worker(new URL('./layout.worker.ts', import.meta.url), { type: 'module' })
  const own = worker
  const ticket = (tickets += 1)
  return new Promise((resolve, reject) => {
    const done = (): void => {
      own.removeEventListener('message', listen)
      own.removeEventListener('error', fail)
    }
    const listen = ({ data }: MessageEvent<Answer>): void => {
      if (data.ticket !== ticket) return
      done()
      if ('corners' in data) resolve(data.corners)
      else reject(new Error(`The drawing could not be laid out: ${data.refusal}`))
    }
    const fail = (event: ErrorEvent): void => {
      done()
      reject(new Error(`The drawing could not be laid out: ${event.message || 'the worker did not start'}`))
    }
    own.addEventListener('message', listen)
    own.addEventListener('error', fail)
    own.postMessage({ ticket, boxes })
  })
}
