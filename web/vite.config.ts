import react from '@vitejs/plugin-react'
import { defineConfig } from 'vitest/config'
import { compressAssets } from './compress.ts'

export default defineConfig({
  plugins: [react(), compressAssets()],
  build: {
    outDir: '../src/watchglass/_web',
    emptyOutDir: true,
    target: 'es2023',
    assetsInlineLimit: 0, // `data:` is not allowed by the page's Content-Security-Policy
    chunkSizeWarningLimit: 400,
  },
  server: { proxy: { '/trpc': 'http://127.0.0.1:8780', '/auth': 'http://127.0.0.1:8780' } },
  test: { environment: 'node', include: ['src/**/*.test.ts'] },
})
