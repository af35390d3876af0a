// What the entry gradloom/fit-worker does: imported in a worker, it runs the fits that are sent there.
import { loadModel } from './models/model-file'
import { serveFits } from './training/worker/serve'

serveFits(loadModel)
