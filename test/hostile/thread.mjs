// What a thread begins with: threads do not take over how their parent reads TypeScript.
import { register } from 'tsx/esm/api'

register()
await import('./worker.ts')
