import { Module } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { ConfigModule } from '../config/config.module.js';
import { Settings } from '../config/settings.js';
import { CryptoModule } from '../crypto/crypto.module.js';
import { DatabaseModule } from '../database/database.module.js';
import { MysqlPulse } from '../database/mysql-pulse.js';
import { RowReader } from '../database/row-reader.js';
import { UnitOfWork } from '../database/unit-of-work.js';
import { AssertionAuthenticator } from './assertion/assertion-authenticator.js';
import { ClientKeys } from './assertion/client-keys.js';
import { JwksFetcher } from './assertion/jwks-fetcher.js';
import { RemoteKeys } from './assertion/remote-keys.js';
import { UsedAssertionSweeper } from './assertion/used-assertion-sweeper.js';
import { UsedAssertions } from './assertion/used-assertions.js';
import { ClientRow } from './client.entity.js';
import { ClientAuthenticator } from './client-authenticator.js';
import { ClientRegistry } from './client-registry.js';
import { ClientSecret } from './client-secret.entity.js';
import { ClientSecrets } from './client-secrets.js';
import { ClientsRepository } from './clients.repository.js';
import { FailureCounter, MemoryFailureCounter, MysqlFailureCounter } from './failure-counter.js';
import { FailureLimits } from './failure-limits.js';
import { FailureSweeper } from './failure-sweeper.js';
import { SecretUse } from './secret-use.js';

/** Clients, their secrets, and who a presented credential belongs to. */
@Module({
  imports: [ConfigModule, CryptoModule, DatabaseModule, TypeOrmModule.forFeature([ClientRow, ClientSecret])],
  providers: [
    ClientsRepository,
    ClientRegistry,
    ClientSecrets,
    SecretUse,
    {
      provide: FailureCounter,
      inject: [Settings, UnitOfWork, RowReader, MysqlPulse],
      useFactory: ({ database }: Settings, unitOfWork: UnitOfWork, reader: RowReader, pulse?: MysqlPulse) =>
        database.engine === 'mysql'
          ? new MysqlFailureCounter(database, unitOfWork, reader, pulse)
          : new MemoryFailureCounter(),
    },
    FailureLimits,
    FailureSweeper,
    ClientAuthenticator,
    AssertionAuthenticator,
    ClientKeys,
    RemoteKeys,
    JwksFetcher,
    UsedAssertions,
    UsedAssertionSweeper,
  ],
  exports: [
    ClientsRepository,
    ClientRegistry,
    ClientSecrets,
    SecretUse,
    ClientAuthenticator,
    AssertionAuthenticator,
  ],
})
export class ClientsModule {}
