import { spawnSync } from 'node:child_process'

const FINDS = 'import importlib.util, sys; sys.exit(importlib.util.find_spec("torch") is None)'

let found: string | null | undefined

/** The first Python that has PyTorch: a distribution's package is often hidden behind another Python in the path. */
export function pythonWithTorch(): string | null {
  if (found !== undefined) return found
  const candidates = [process.env['PYTHON'], 'python3', '/usr/bin/python3'].filter((path) => path !== undefined)
  found = candidates.find((path) => spawnSync(path, ['-c', FINDS], { stdio: 'ignore' }).status === 0) ?? null
  return found
}
