import { open } from 'lmdb'
import fs from 'node:fs'
fs.rmSync('/tmp/lm/db', {recursive:true, force:true}); 
const env = open({ path: '/tmp/lm/db', noSubdir:false, overlappingSync:false, eventTurnBatching:false, maxDbs: 10 })
const states = env.openDB('state', {encoding:'json'})
const bin = env.openDB('bin', {encoding:'binary'})
const recs = env.openDB('records', {encoding:'string', keyEncoding:'binary'})
await env.transaction(()=>{ states.putSync('state',{nextId:5,revision:77,indexed:{name:100}}); bin.putSync('r', Buffer.alloc(8)); recs.putSync(Buffer.alloc(9,1),'x'.repeat(150)) })
const fd = fs.openSync('/tmp/lm/db/lock.mdb','r'); const b = Buffer.alloc(8)
const key=Buffer.alloc(9,1)
const tests = {
  'reset+json': ()=>{ env.resetReadTxn(); return states.get('state') },
  'json only': ()=> states.get('state'),
  'reset+binaryFast': ()=>{ env.resetReadTxn(); return bin.getBinaryFast('r') },
  'binaryFast': ()=> bin.getBinaryFast('r'),
  'rec get': ()=> recs.get(key),
  'pread': ()=> fs.readSync(fd,b,0,8,0),
  'info': ()=> env.env.info(), 'getBinaryFast no renew': ()=>bin.getBinaryFast('r'), 'useRead': ()=>{ const t=env.useReadTransaction(); t.done() },
}
for (let round=0; round<3; round++) for (const [n,f] of Object.entries(tests)) {
  let N=3000, reps=30, tot=0n
  for (let r=0;r<reps;r++){ const t=process.hrtime.bigint(); for(let i=0;i<N;i++) f(); tot+=process.hrtime.bigint()-t; await new Promise(r=>setTimeout(r,2)) }
  if(round==2) console.log(n, Number(tot)/(N*reps), 'ns')
}
process.exit()
