import { readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { brotliCompress, constants, gzip } from 'node:zlib'
import type { Plugin, ResolvedConfig } from 'vite'

const SMALLEST = 1024

/** Puts a `.br` and a `.gz` beside every script and style sheet, so that the server never compresses one twice. */
export function compressAssets(): Plugin {
  let config: ResolvedConfig
  return {
    name: 'watchglass-compress',
    apply: 'build',
    configResolved(resolved) {
      config = resolved
    },
    async closeBundle() {
      const folder = join(config.root, config.build.outDir, config.build.assetsDir)
      const files = (await readdir(folder)).filter((name) => /\.(js|css|svg)$/.test(name))
      await Promise.all(files.map((name) => compress(join(folder, name))))
    },
  }
}

async function compress(path: string): Promise<void> {
  const text = await readFile(path)
  if (text.length < SMALLEST) return
  const quality = { params: { [constants.BROTLI_PARAM_QUALITY]: 11 } }
  await writeFile(`${path}.br`, await promisify(brotliCompress)(text, quality))
  await writeFile(`${path}.gz`, await promisify(gzip)(text, { level: 9 }))
}
