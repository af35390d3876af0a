// Every layer by the name of its factory; other files of the library take them from their own files.
export { dense } from './dense'
