const WIDTH = 30
const INTERVAL = 100

/** A bar that is redrawn in place on a terminal; in a file or a pipe there is none. */
export function progressBar(total: number): { show(done: number, note: string): void; clear(): void } {
  const out = process.stdout
  if (!out.isTTY) return { show: () => {}, clear: () => {} }
  let shown = -Infinity
  return {
    show(done, note) {
      if (performance.now() - shown < INTERVAL) return
      shown = performance.now()
      const filled = Math.round((done / total) * WIDTH)
      out.write(`\r\x1b[K${'█'.repeat(filled)}${'░'.repeat(WIDTH - filled)} ${note}`)
    },
    clear: () => void out.write('\r\x1b[K'),
  }
}
