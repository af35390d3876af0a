// Trains the module that was emitted elsewhere.
import { mlp } from '../../mlp'
import { report } from '../visit'

const path = '/emitted.js'
const { main } = (await import(path)) as { main(feeds: object): { readonly loss: number } }
const { feeds } = mlp('W1')
report(Array.from({ length: 50 }, () => main(feeds).loss))
