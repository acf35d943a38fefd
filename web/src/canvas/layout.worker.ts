import { layOut } from './arrange.ts'
import type { Boxes } from './layout.ts'

addEventListener('message', (event: MessageEvent<{ ticket: number; boxes: Boxes }>) => {
  const { ticket, boxes } = event.data
  try {
    postMessage({ ticket, corners: layOut(boxes) })
  } catch (error) {
    postMessage({ ticket, refusal: error instanceof Error ? error.message : String(error) })
  }
})
