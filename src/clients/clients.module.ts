import { Module } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { ConfigModule } from '../config/config.module.js';
import { CryptoModule } from '../crypto/crypto.module.js';
import { DatabaseModule } from '../database/database.module.js';
import { ClientRow } from './client.entity.js';
import { ClientAuthenticator } from './client-authenticator.js';
import { ClientRegistry } from './client-registry.js';
import { ClientSecret } from './client-secret.entity.js';
import { ClientSecrets } from './client-secrets.js';
import { ClientsRepository } from './clients.repository.js';
import { SecretUse } from './secret-use.js';

/** Clients, their secrets, and who a presented credential belongs to. */
@Module({
  imports: [ConfigModule, CryptoModule, DatabaseModule, TypeOrmModule.forFeature([ClientRow, ClientSecret])],
  providers: [ClientsRepository, ClientRegistry, ClientSecrets, SecretUse, ClientAuthenticator],
  exports: [ClientsRepository, ClientRegistry, ClientSecrets, SecretUse, ClientAuthenticator],
})
export class ClientsModule {}
