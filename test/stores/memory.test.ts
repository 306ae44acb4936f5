import t from 'tap'
import { createMemoryStore } from '../../stores/memory.js'
import { testStore } from './contract.js'

testStore(t, 'memory', createMemoryStore)
