// What npm runs after an install, before a package is made, and at the first `npx gradloom` in this folder: builds what is
// missing or older than what it is made from.
import { execFileSync } from 'node:child_process'
import { mkdir, readdir, rm, stat, symlink } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = dirname(dirname(fileURLToPath(import.meta.url)))

/** When the files of a folder were written. */
async function timesIn(folder) {
  const entries = await readdir(join(root, folder), { recursive: true, withFileTypes: true }).catch(() => [])
  const files = entries.filter((entry) => entry.isFile())
  return Promise.all(
    files.map(async ({ parentPath, path, name }) => (await stat(join(parentPath ?? path, name))).mtimeMs),
  )
}

async function isBuilt() {
  const built = await timesIn('dist')
  const sources = await timesIn('src')
  for (const file of ['package-lock.json', 'package.json', 'tsconfig.json', 'tsup.config.ts'])
    sources.push((await stat(join(root, file))).mtimeMs)
  sources.push(...(await timesIn('scripts')))
  return built.length > 0 && Math.min(...built) > Math.max(...sources)
}

/**
 * `npx gradloom` in this folder is the command line as it was built. npm links the commands of what a package depends on and
 * not its own; some versions look for a link, others install the folder as if it were another package.
 */
async function linkCommand() {
  const link = join(root, 'node_modules/.bin/gradloom')
  await mkdir(dirname(link), { recursive: true })
  await rm(link, { force: true })
  await symlink('../../dist/cli.js', link).catch((error) => {
    // Windows lets not everybody make links.
    if (error.code !== 'EPERM') throw error
  })
}

if (!(await isBuilt()))
  execFileSync('npm', ['run', 'build'], { cwd: root, stdio: 'inherit', shell: process.platform === 'win32' })
await linkCommand()
