// What the entry gradloom/h5-worker does: imported in a worker, it reads the HDF5 files that are sent there.
import { serveHdf5 } from './keras/h5/serve'

serveHdf5()
