import { Controller, Get, Query } from '@nestjs/common';
import { RequireScope } from './require-scope.decorator.js';

@Controller('api')
export class WorldMappersController {
  @Get('location/geocode')
  @RequireScope('geocode:location')
  geocode() {
    return { lat: 47.6178819, lng: -122.194041 };
  }

  @Get('location/reverse-geocode')
  @RequireScope('reverse-geocode:location')
  reverseGeocode() {
    return { street: '900 106th Avenue NE', city: 'Bellevue', state: 'Washington' };
  }

  @Get('directions')
  @RequireScope('directions')
  directions(@Query('destination') destination: unknown) {
    return [
      { step: 1, action: 'Drive north on 106th Avenue NE' },
      { step: 2, action: 'Turn right onto NE 12th Street' },
      { step: 3, action: `Arrive at ${typeof destination === 'string' ? destination : 'your destination'}` },
    ];
  }
}
