import { render } from 'preact'
import { App } from './app'
import { begin } from './state/store'
import './style/colours.css'
import './style/page.css'
import './style/panes.css'
import './style/graph.css'
import './style/code.css'
import './style/details.css'

await begin(() => new Worker(new URL('./worker/worker.ts', import.meta.url), { type: 'module' }))
render(<App />, document.getElementById('page')!)
