// Trains on two threads and comes to its end: after dispose, with workers asleep, or before they have started.
import { classifier } from '../../threads/models'

const how = process.argv[2]
const { net, feeds } = classifier([64, 32, 10], { threads: { count: 2, minWork: 0 } }, 32)
if (how !== 'unready') await net.ready
const { loss } = net.train(feeds(32))
if (how === 'dispose') net.dispose()
console.log(JSON.stringify(loss))
